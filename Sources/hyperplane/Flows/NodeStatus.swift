// `GET /v1/status` of a node. Everything but the node's name may be absent, so that this release
// can show what an older or newer node says.

/// What a node says of itself.
struct NodeStatus: Codable, Sendable {
    var node: String?
    var ready: Bool?
    /// Of the snapshot that the node runs by.
    var snapshotVersion: UInt64?
    /// Since the snapshot was last fetched, changed or not.
    var snapshotAgeSeconds: Double?
    /// `service`, or `disk` while the placement service has not answered since the start.
    var snapshotSource: String?
    var engines: Int?
    var flows: UInt64?
    var flowCapacity: UInt64?
    var uptimeSeconds: Double?
}
