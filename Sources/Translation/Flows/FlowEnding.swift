// What is known of a flow as it ends: enough to tell its two ends, and whoever logs.

public import Wire

/// A flow that has just gone from live to quiet.
public struct FlowEnding: Sendable {
    public var reason: EndReason
    /// Its resource, by slot and by id.
    public var resourceSlot: Int
    public var resource: ResourceID
    public var bucket: BucketIndex
    public var outbound: FlowTuple
    public var translated: FlowTuple
    /// The state that it ended in.
    public var state: FlowState
    public var tracker: TCPTracker
    public var client: Attachment
    public var target: Attachment

    init<Record: FlowRecord>(
        _ reason: EndReason, of record: Record, _ details: FlowDetails, resource: ResourceID,
        client: Attachment, target: Attachment
    ) {
        self.reason = reason
        resourceSlot = record.scope.resourceSlot
        self.resource = resource
        bucket = record.bucket
        outbound = record.outbound
        translated = record.translated
        state = record.state
        tracker = details.tracker
        self.client = client
        self.target = target
    }
}
