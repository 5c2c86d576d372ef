// An end that is due and not decided by this engine alone: it becomes an entry, and the flow lives
// until that is committed.

public import Tables
public import Wire

/// A record whose end is proposed; it is marked as ending.
public struct EndProposal: Hashable, Sendable, BitwiseCopyable {
    public var handle: FlowHandle
    public var reason: EndReason

    public init(_ handle: FlowHandle, _ reason: EndReason) {
        self.handle = handle
        self.reason = reason
    }
}

extension Translator {
    /// The end that the last packet proposed, once: after `drop(.returnTaken)`.
    public mutating func takeProposedEnd() -> EndProposal? {
        defer { proposedEnd = nil }
        return proposedEnd
    }

    /// Marks a settled record as ending; nil if it is not settled, or no flow that lives.
    mutating func propose<Record: FlowRecord>(
        _ reason: EndReason, of handle: FlowHandle, _ record: inout Record
    ) -> EndProposal? {
        guard record.commitment == .settled, record.state != .quiet, record.state != .lent else {
            return nil
        }
        record.commitment = .ending
        return EndProposal(handle, reason)
    }
}
