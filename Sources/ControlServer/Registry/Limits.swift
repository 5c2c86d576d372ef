// The registry's limits, all in one place. Each is checked where a request is judged, and each
// refusal names the field, the limit and what was given.

enum Limits {
    /// Of a name, in characters.
    static let nameLength = 1...64
    /// Nodes that serve one tenant. A view has eight seats, one of them for who joins before
    /// another leaves.
    static let shardSize = 1...7
    /// A lease's relations to heartbeats and suspicion are checked with the whole configuration.
    static let consensusMilliseconds = 1...60_000
    static let driftPartsPerMillion = 0...100_000
    /// Between two changes of the channels' keys: nodes fetch them every second.
    static let keyRotationMilliseconds: Int64 = 10_000
    /// A node refuses a snapshot with more.
    static let groupsPerNode = 4_096
    /// AWS's quota is 50; the index of a listener is 16 bits wide and never used twice.
    static let listenersPerLoadBalancer = 1_000
    static let listenerIndex = 0...65_535
    static let targetsPerGroup = 4_096
    /// What a tenant's limit can be raised to: a gateway's EIPs are searched in the snapshot.
    static let eipsPerGateway = 1...1_024
    static let port = 1...65_535
    /// Of flows, new flows and packets; beyond it a node's meters count nothing any more.
    static let quota = 0...1_000_000_000_000
    static let quotaBitsPerSecond = 0...1_000_000_000_000_000
    static let portsPerAddress = 0...1_000_000_000
    static let weight = 0...999
    /// Of an idle timeout.
    static let timeoutSeconds = 1...86_400
    static let deregistrationDelaySeconds = 0...3_600
    static let maxDrainSeconds = 0...86_400
    /// RFC 8200 §5 asks for 1,280 of every link of IPv6; a node's packet buffers hold 9,216 and
    /// what is around them.
    static let mtu = 1_280...9_216
    /// Seconds: longer than a lease and the life of a packet, and not so long that ports run out.
    static let quiet = 2...3_600
    static let lossQuiet = 1...3_600
    /// 24 bits; 0 is the outside.
    static let vni: ClosedRange<UInt32> = 1...0xFF_FFFF
    static let machineTextLength = 1...255
    static let bodyBytes = 64 << 10
    /// Objects and lists inside each other in a request.
    static let jsonDepth = 16
    static let pageSize = 1...1_000
    static let defaultPageSize = 100
    static let actorLength = 1...128
    static let reasonLength = 0...512
    /// As AWS's ClientToken.
    static let idempotencyKeyLength = 1...64
    /// A repeated request is recognised for this long.
    static let idempotencyMilliseconds: Int64 = 24 * 3_600 * 1_000
}

/// AWS's defaults, where they have one.
enum Defaults {
    static let maxDrainSeconds = 350
    static let shardSize = 5
    static let eipsPerGateway = 8
    /// AWS's inside its network, and through its gateways to the Internet.
    static let overlayMTU = 8_500
    static let quietSeconds = 2
    /// RFC 6888 §3 REQ-8.
    static let lossQuietSeconds = 120
    static let edgeMTU = 1_500
    static let deregistrationDelaySeconds = 300
    static let weight = 100
}
