// What every record can tell, whichever family it is laid out for. Translation is written once,
// over this.

public import Tables
public import Wire

/// The scope of a flow's 5-tuple: its resource, by slot. 23 bits.
public struct FlowScope: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue & 0x7F_FFFF }

    @inlinable public init(resourceSlot: Int) { self.init(rawValue: UInt32(resourceSlot)) }
    @inlinable public var resourceSlot: Int { Int(rawValue) }
}

/// A 5-tuple within a scope and a direction: what the flow table finds a flow by.
public protocol FlowKey: Hashable, BitwiseCopyable {
    /// `tuple` as it stands in the packet. Its family must be the layout's.
    init(_ tuple: FlowTuple, scope: FlowScope, direction: FlowDirection)
}

/// The part of a record that each packet touches.
public protocol FlowRecord: BitwiseCopyable {
    init(
        scope: FlowScope, outbound: FlowTuple, translated: FlowTuple, bucket: BucketIndex,
        state: FlowState)

    var scope: FlowScope { get }
    /// The tuple of an outbound packet as it comes in.
    var outbound: FlowTuple { get }
    /// The tuple of an outbound packet as it goes out. An inbound one comes in with its reverse.
    var translated: FlowTuple { get }
    var bucket: BucketIndex { get }
    var state: FlowState { get set }
    /// Where inbound packets go: an index into `Attachments`.
    var clientAttachment: AttachmentIndex { get set }
    /// Where outbound packets go.
    var targetAttachment: AttachmentIndex { get set }
    /// When a packet last refreshed the flow, in hundredths of a second.
    var lastSeenCentiseconds: UInt32 { get set }
    /// How it stands with its bucket's followers.
    var replication: ReplicationMarks { get set }

    /// Adds one packet. True if the 32-bit packet counter wrapped.
    mutating func count(_ direction: FlowDirection, bytes: Int) -> Bool
    /// Sets what another engine has counted.
    mutating func setCounts(_ direction: FlowDirection, packets: UInt32, bytes: UInt64)
    func packets(_ direction: FlowDirection) -> UInt32
    func bytes(_ direction: FlowDirection) -> UInt64
}

extension FlowRecord {
    /// The tuple that a packet of this direction leaves with.
    @inlinable
    public func rewritten(_ direction: FlowDirection) -> FlowTuple {
        direction == .outbound ? translated : outbound.reversed
    }
}

/// The part of a record that only the beginning, the end and the tracker touch. 40 bytes.
public struct FlowDetails: Sendable, BitwiseCopyable {
    /// When the flow began, in hundredths of a second.
    public var startCentiseconds: UInt32
    /// How often the packet counters wrapped.
    public var outboundWraps: UInt16 = 0
    public var inboundWraps: UInt16 = 0
    /// Means nothing to flows that aren't TCP.
    public var tracker = TCPTracker.unknown

    @inlinable
    public init(startCentiseconds: UInt32) {
        self.startCentiseconds = startCentiseconds
    }
}

/// A layout whose records Translation can work on.
public protocol TranslationLayout: FlowLayout
where Key: FlowKey, Hot: FlowRecord, Cold == FlowDetails {}
