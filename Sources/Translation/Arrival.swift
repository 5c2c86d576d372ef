// A packet that has come in, classified: which resource it is for, which way it goes, which bucket
// it falls in. What follows needs no look at configuration by name any more.

public import Tables
public import Wire

/// What classification finds: where a packet belongs.
public struct Placement: Sendable, BitwiseCopyable {
    /// Slot of its resource.
    public var resource: Int
    public var direction: FlowDirection
    public var bucket: BucketIndex
}

/// One classified packet.
public struct Arrival: Sendable, BitwiseCopyable {
    /// Slot of its resource.
    public var resource: Int
    public var direction: FlowDirection
    public var bucket: BucketIndex
    public var vni: VNI
    public var eni: ENI
    /// Outer address of the machine that sent it, and what that is.
    public var machine: IPAddress
    public var sender: Sender
    public var listener: UInt16
    /// The target's router gave it back; its tuple was read backwards, as an answer's would be.
    public var isGivenBack: Bool
    /// It came over a loan: the borrower is its last stop.
    public var isOverLoan: Bool
    /// Of a fragment: what its collector drew in place of its identification.
    public var newIdentification: UInt16?
    public var summary: PacketSummary

    /// The scope of its tuple.
    // RFC 4787 §4.4 REQ-7: each resource's addresses are its own.
    @inlinable public var scope: FlowScope { FlowScope(resourceSlot: resource) }

    public init(
        _ placement: Placement, overlay: OverlayHeader, machine: IPAddress, sender: Sender,
        summary: PacketSummary
    ) {
        resource = placement.resource
        direction = placement.direction
        bucket = placement.bucket
        vni = overlay.vni
        eni = overlay.eni
        listener = overlay.listener
        newIdentification = overlay.fragment?.newIdentification
        isOverLoan = overlay.marks.leg == .overLoan
        isGivenBack = overlay.marks.contains(.returnTaken)
        self.machine = machine
        self.sender = sender
        self.summary = summary
    }
}

/// How a packet leaves.
public struct Departure: Sendable, BitwiseCopyable {
    /// What its inner tuple is rewritten to.
    public var tuple: FlowTuple
    /// Outer destination.
    public var machine: IPAddress
    /// The interface that it is for, and its network.
    public var eni: ENI
    public var vni: VNI
    /// The flow's.
    public var bucket: BucketIndex
    /// Longest inner packet that the way ahead takes, in bytes.
    public var mtu: UInt16
    /// It may not leave before all decisions made so far are committed.
    public var awaitsCommitment: Bool
}

/// What becomes of a packet.
public enum Verdict: Sendable, BitwiseCopyable {
    case forward(Departure)
    case drop(DropReason)
    /// Dropped, and its sender is told.
    case refuse(DropReason, Answer)
    /// It may go on once another bucket has lent a port toward this destination.
    case wantsLoan(PortDestination)
    /// Its port is lent: it goes on to the borrower.
    case overLoan(PortDestination, Port)
    /// It would begin or end something, and nothing may be decided for its bucket now.
    case wait

    public static func drop(_ cause: DropCause) -> Verdict { .drop(DropReason(cause)) }
}
