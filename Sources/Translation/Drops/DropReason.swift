// Why a packet was dropped. Every drop has one of these names and is counted under it; there is
// no "other".

public import Wire

/// A reason, as an index into counters. Overlay defects, packet defects and the data plane's own
/// reasons share one number space, so that one array counts them all.
public struct DropReason: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Reasons are below this.
    public static var count: Int { 192 }

    @inlinable public init(_ error: OverlayError) { rawValue = error.rawValue }
    @inlinable public init(_ error: PacketError) { rawValue = 32 + error.rawValue }
    @inlinable public init(_ cause: DropCause) { rawValue = 64 + cause.rawValue }

    /// All reasons that have a name, in order.
    public static var all: [DropReason] {
        OverlayError.allCases.map(DropReason.init) + PacketError.allCases.map(DropReason.init)
            + DropCause.allCases.map(DropReason.init)
    }
}

extension DropReason: CustomStringConvertible {
    /// The name in counters, reports and `explain`.
    public var description: String {
        switch rawValue {
        case 0..<32: OverlayError(rawValue: rawValue).map { "overlay.\($0)" } ?? "overlay"
        case 32..<64: PacketError(rawValue: rawValue - 32).map { "packet.\($0)" } ?? "packet"
        default: DropCause(rawValue: rawValue - 64).map { "\($0)" } ?? "reason \(rawValue)"
        }
    }
}

/// Reasons that need the configuration or the flow state to be seen.
public enum DropCause: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// The outer source address is no host, edge or node of the snapshot.
    case unknownSender
    /// No VPC has this VNI, or an edge sent with a VPC's or a host with the outside's.
    case unknownVNI
    /// The packet names no resource of the snapshot.
    case unknownResource
    /// The resource belongs to another VPC than the packet came from.
    case resourceOfAnotherVPC
    /// This node isn't in the group that serves the resource.
    case notServedHere
    /// A node passed it on without saying who sent it, or said so without passing it on.
    case originMismatch
    /// Nobody was known to lead its bucket for too long, or too many packets wait for that already.
    case leaderUnknown
    /// It waited for a decision that another leader of its bucket never heard of.
    case leaderChanged
    /// This node's lease on its group ended before it could be sent.
    case leaseEnded
    /// It lay in this node's sockets while the node stood still, perhaps for longer than its flow lived.
    case stoodStill
    /// Passed on once already in this leg; it would go in circles.
    case looping
    /// A router sent a packet without its instance's interface.
    case sourceENIMissing
    /// Its source address is not in the VPC that it came from.
    case sourceOutsideVPC
    /// Inbound, and to no address of the resource.
    case addressOfNoResource
    /// Inbound, outside the port range that resources translate to.
    case portOutOfRange
    /// Inbound, and no flow has this 5-tuple.
    case unknownFlow
    /// Its flow has ended and waits for its quiet time to pass.
    case quietFlow
    /// TCP that begins nothing: neither of a known flow nor a SYN.
    case notASYN
    /// An ICMP answer from inside: no query is let in that it could belong to.
    case answerToNothing
    /// Every port of the bucket's port sets is in use toward the destination.
    case portsExhausted
    case flowTableFull
    case attachmentTableFull
    /// The resource's group is beyond the number that this engine reserved chains for.
    case groupCapacityExceeded
    /// No EIP of the gateway takes new flows.
    case noElasticIP
    /// The load balancer has no such listener.
    case unknownListener
    /// No target of the listener's group takes new flows.
    case noTarget
    /// A target's router gave it back: the target has a flow with this client's address and port.
    case returnTaken
    /// The snapshot names no edge to leave by.
    case noEdge
    /// A target was never heard from, and this node has no router of its own to ask.
    case noRouter
    /// The hop limit is used up here.
    case timeToLiveExpired
    /// A later fragment of a datagram whose first began no flow.
    case fragmentOfNoFlow
    /// An ICMP error that is not addressed to the sender of the packet inside it.
    case errorMisaddressed
    /// Neither TCP, UDP nor an ICMP query.
    case unsupportedProtocol
    /// The address family is not one that the resource translates.
    case unsupportedFamily
    /// No snapshot has been applied yet.
    case noConfiguration
    /// All packet buffers are in use.
    case noFrame
    /// The ring to the engine that owns the bucket is full.
    case engineRingFull
    /// Waiting for commitment, and the parking queue is full.
    case parkingFull
    /// TCP flags that no segment may have together, or none at all.
    case tcpFlagsInvalid
    /// A segment of a connection outside of what its two ends may send and acknowledge.
    case tcpOutOfWindow
    /// An RST that its receiver would not believe.
    case tcpResetInvalid
    /// A SYN of the target that begins a connection, or one of either side that answers none.
    case tcpUnexpectedSYN
    /// Fragments of one datagram that overlap, and all others of it.
    case fragmentOverlap
    /// Fragments that disagree about their datagram's length or end, or make it too long.
    case fragmentContradiction
    /// Waited in vain for its datagram's first fragment.
    case fragmentTimeout
    /// The tenant's share of fragments or datagrams under way is used up, or all of it is.
    case fragmentQuota
    /// The same fragment came before.
    case fragmentDuplicate
    /// An ICMP error about a packet of no flow.
    case errorOfNoFlow
    /// An ICMP error whose checksum is wrong.
    case badErrorChecksum
    /// Longer than the way ahead takes, and may not be cut; its sender was told the length.
    case packetTooBig
    /// A wrong checksum, in a packet that would begin a flow, or begin, end or reset a connection.
    case badTransportChecksum
    /// UDP over IPv6 without a checksum.
    case udpChecksumMissing
    /// No other bucket lent a port in time.
    case loanTimeout
    /// Too many packets of the tenant, or of all, wait for loans.
    case loanQueueFull
    /// No room for another loan, here or at its lender.
    case loanTableFull
    /// The tenant has as many loans as one may have.
    case loanQuota
    /// This engine began anew: ports that it gave in its life before may still be in use.
    case portsQuiet
    /// Inbound, to a port on loan whose borrower is not known.
    case borrowerUnknown
    /// The tenant has as many flows as its quota allows, in this bucket's share of it.
    case tenantFlowQuota
    case tenantFlowRateQuota
    case tenantPacketQuota
    case tenantBitQuota
    /// The same of the resource's own quota.
    case resourceFlowQuota
    case resourceFlowRateQuota
    case resourcePacketQuota
    case resourceBitQuota
    /// The inside address has as many flows as its gateway allows one.
    case addressFlowQuota
}
