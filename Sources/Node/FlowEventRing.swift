// Flow events, created and ended, go to this ring whether or not anyone reads it. A reader that
// falls behind by more than the ring holds sees how many it lost.

import Translation
public import Wire

/// A flow began or ended.
public struct FlowEvent: Sendable, BitwiseCopyable {
    public enum Kind: UInt8, Sendable, BitwiseCopyable { case created, ended }

    public var kind: Kind
    public var at: Tick
    public var resource: ResourceID
    public var outbound: FlowTuple
    public var translated: FlowTuple

    static func created<Record: FlowRecord>(
        _ record: Record, of resource: ResourceID, at now: Tick
    ) -> FlowEvent {
        FlowEvent(
            kind: .created, at: now, resource: resource, outbound: record.outbound,
            translated: record.translated)
    }

    static func ended(_ ending: FlowEnding, at now: Tick) -> FlowEvent {
        FlowEvent(
            kind: .ended, at: now, resource: ending.resource, outbound: ending.outbound,
            translated: ending.translated)
    }
}

/// The last events of one engine.
public struct FlowEventRing: Sendable {
    private var events: [FlowEvent] = []
    private let capacity: Int
    /// Events since the start; the ring holds the last `capacity` of them.
    public private(set) var total: UInt64 = 0

    public init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
        events.reserveCapacity(capacity)
    }

    public mutating func append(_ event: FlowEvent) {
        if events.count < capacity {
            events.append(event)
        } else {
            events[Int(total % UInt64(capacity))] = event
        }
        total += 1
    }

    /// Events from number `first` on, at most `limit`, and the number of the first that is given:
    /// larger than `first` if those before were overwritten.
    public func read(from first: UInt64, limit: Int) -> (first: UInt64, events: [FlowEvent]) {
        let oldest = total > UInt64(capacity) ? total - UInt64(capacity) : 0
        let start = max(first, oldest)
        let end = min(total, start &+ UInt64(limit))
        guard start < end else { return (start, []) }
        return (start, (start..<end).map { events[Int($0 % UInt64(capacity))] })
    }
}
