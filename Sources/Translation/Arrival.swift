// A packet that has come in, classified: which resource it is for, which way it goes, which bucket
// it falls in. What follows needs no look at configuration by name any more.

public import Wire

/// One classified packet.
public struct Arrival: Sendable {
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
    public var summary: PacketSummary

    /// The scope of its tuple.
    @inlinable public var scope: FlowScope { FlowScope(resourceSlot: resource) }

    public init(
        resource: Int, direction: FlowDirection, bucket: BucketIndex,
        overlay: OverlayHeader, machine: IPAddress, sender: Sender, summary: PacketSummary
    ) {
        self.resource = resource
        self.direction = direction
        self.bucket = bucket
        vni = overlay.vni
        eni = overlay.eni
        listener = overlay.listener
        self.machine = machine
        self.sender = sender
        self.summary = summary
    }
}

/// How a packet leaves.
public struct Departure: Sendable {
    public var overlay: OverlayHeader
    /// Outer destination.
    public var machine: IPAddress
    /// What its inner tuple is rewritten to.
    public var tuple: FlowTuple
    /// It may not leave before all decisions made so far are committed.
    public var awaitsCommitment: Bool

    @inlinable
    public init(
        overlay: OverlayHeader, machine: IPAddress, tuple: FlowTuple, awaitsCommitment: Bool
    ) {
        self.overlay = overlay
        self.machine = machine
        self.tuple = tuple
        self.awaitsCommitment = awaitsCommitment
    }
}

/// What becomes of a packet.
public enum Verdict: Sendable {
    case forward(Departure)
    case drop(DropReason)

    @inlinable
    public static func drop(_ cause: DropCause) -> Verdict { .drop(DropReason(cause)) }
}
