// What one turn decided, as a value: it is sealed and sent to the followers of the buckets, and
// the packets that wait for it are released when they have it. With one copy there are no
// followers, and a batch is committed as it is sealed.

public import Tables
public import Wire

/// The creation of one flow.
public struct DecisionEntry: Sendable, BitwiseCopyable {
    public var sequence: UInt64
    public var bucket: BucketIndex
    public var handle: FlowHandle
    public var isIPv4: Bool
}

/// The decisions of one turn, in the order in which they were made.
public struct DecisionBatch: Sendable {
    public internal(set) var entries: [DecisionEntry] = []

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }
}
