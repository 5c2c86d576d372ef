// What a run counts. Plain numbers that only grow; each fault has a name of its own.

/// The counts of a run so far.
public struct TrafficCounters: Hashable, Sendable {
    // Flows.
    public var attempted: UInt64 = 0
    /// Got their first answer, or finished the TCP handshake.
    public var established: UInt64 = 0
    /// Never did, however often they asked, or were turned down.
    public var refused: UInt64 = 0
    /// Established, and later without an answer however often they asked, or reset.
    public var broken: UInt64 = 0
    /// The same, of a target that was meant to be killed: no fault.
    public var killed: UInt64 = 0
    /// Established, and their last request answered; TCP: closed both ways.
    public var completed: UInt64 = 0
    /// Flows that got a packet of another, or whose packet reached another.
    public var misdelivered: UInt64 = 0
    /// Flows that were given the translation of another live flow.
    public var duplicateTranslations: UInt64 = 0
    /// Flows through a load balancer whose target changed.
    public var changedTarget: UInt64 = 0
    /// Flows whose translated source changed.
    public var changedTranslation: UInt64 = 0
    /// Flows whose translation the resource doesn't own: a foreign address or port.
    public var wrongTranslation: UInt64 = 0
    /// Flows with a port of another bucket's port set, on loan. Not a fault.
    public var borrowedPorts: UInt64 = 0

    // Packets, inner ones, into the cluster and out of it.
    public var sent: UInt64 = 0
    /// Packets of flows that came, those that came twice too.
    public var arrived: UInt64 = 0
    /// Of these, packets that had come before.
    public var duplicated: UInt64 = 0
    public var sentBytes: UInt64 = 0
    public var receivedBytes: UInt64 = 0
    /// With a wrong IP, TCP, UDP or ICMP checksum.
    public var badChecksum: UInt64 = 0
    public var malformed: UInt64 = 0
    /// Made by nodes: resets and ICMP errors.
    public var madeByNodes: UInt64 = 0
    /// Of flows that had ended already.
    public var late: UInt64 = 0
    /// Of no flow, and no answer to one.
    public var unexpected: UInt64 = 0
    /// TCP segments with numbers that don't fit their connection.
    public var badTCPNumbers: UInt64 = 0
    /// Requests and SYNs of flows that were refused.
    public var ofRefusedFlows: UInt64 = 0
    /// Requests and SYNs sent again.
    public var repeated: UInt64 = 0
    /// To a target's host by way of another host's router, as nodes do that don't know it yet.
    public var relayed: UInt64 = 0
    /// Refused by a target's router, since its tuple had an owner.
    public var returnTaken: UInt64 = 0
    /// Turns in which nothing could be sent for want of a frame.
    public var framesWanting: UInt64 = 0

    /// Announcements of views that came from nodes, and those of them that told something new.
    public var announcements: UInt64 = 0
    public var viewsTaken: UInt64 = 0
    /// Of these, those of groups of which something was known: views that changed.
    public var viewChanges: UInt64 = 0
    /// Packets that came from another node than the one that their routers and edges would send
    /// them to by now: passed on by one that no longer leads, or by one that doesn't yet.
    public var staleHops: UInt64 = 0

    /// At an edge, with a source address of a VPC or none that can be read.
    public var leaked: UInt64 = 0

    public init() {}

    /// Packets that came, each once: a second copy makes up for no packet that was lost.
    public var received: UInt64 { arrived - duplicated }

    /// Everything that makes a run fail without a limit.
    var faults: UInt64 {
        broken + misdelivered + duplicateTranslations + changedTarget + changedTranslation
            + wrongTranslation + badChecksum + malformed + badTCPNumbers + leaked
    }
}

/// The traffic between the generator and one node.
public struct NodeCounters: Sendable {
    public var sent: UInt64 = 0
    public var received: UInt64 = 0
    public var receivedBytes: UInt64 = 0
    /// Requests answered by way of this node, from intended sending to answer.
    public var roundTrip = Histogram()
}

/// The latencies of a run.
struct Measures: Sendable {
    /// From the time a flow should have begun to its first answer or SYN-ACK.
    var setup = Histogram()
    /// From the time a later request should have left to its answer.
    var roundTrip = Histogram()
    /// From the time a request should have left to when it did: the generator's own part.
    var lateness = Histogram()
    /// Round trips and setups since the last sample.
    var recent = Histogram()
}
