// "A flow ends", or what a client was kept by: its name, and in the flags the reason.

/// Why a flow ended.
public enum EndReason: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// No packet came for its idle time.
    case idle = 0
    /// Its EIP was released, or its resource deleted.
    case addressLost = 1
    /// The drain time of its target is over.
    case targetTerminated = 2
    /// The target's router gave back its first packet: the target has another flow of its tuple.
    case returnTaken = 4
}

/// The end of a flow.
public struct FlowEnd: Hashable, Sendable, BitwiseCopyable {
    public var name: FlowName
    public var reason: EndReason

    public init(name: FlowName, reason: EndReason) {
        self.name = name
        self.reason = reason
    }

    var flags: FlowEntryFlags {
        name.flags.union(
            FlowEntryFlags(rawValue: reason.rawValue << FlowEntryFlags.reasonShift))
    }

    init(
        _ flags: FlowEntryFlags, _ bytes: RawSpan, _ offset: inout Int
    ) throws(FlowEntryError) {
        guard let reason = EndReason(rawValue: flags.rawValue >> FlowEntryFlags.reasonShift) else {
            throw .badValue
        }
        self.reason = reason
        name = try FlowName(flags, bytes, &offset)
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        name.write(to: &bytes, &offset)
    }
}
