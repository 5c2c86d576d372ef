// What travels between sockets and engines beside a packet's bytes: which frame it is in, and the
// outer addresses that the kernel or our own code puts around it.

/// A datagram in a frame: its bytes are the payload of the outer UDP header, which begins with the
/// Geneve header. 32 bytes; a batch of packets is an array of these.
public struct Packet: Sendable, BitwiseCopyable {
    /// Index in the engine's `FramePool`.
    public var frame: UInt32
    /// Offset of the first byte (of the Geneve header) in the frame.
    public var start: UInt16
    /// Bytes from there.
    public var length: UInt16
    /// Received: the outer source address. To be sent: the outer destination.
    public var remote: IPAddress
    /// Received: the outer source port. To be sent: the outer destination port.
    public var remotePort: Port
    /// To be sent: which of the engine's outer source ports; the bucket's low bits, so that
    /// datagrams that can be joined leave by the same socket.
    public var sourcePortIndex: UInt8
    /// To be sent: what it is to the engine that sends it.
    public var role = PacketRole.other

    @inlinable
    public init(
        frame: UInt32, start: UInt16, length: UInt16, remote: IPAddress,
        remotePort: Port = .geneve, sourcePortIndex: UInt8 = 0
    ) {
        self.frame = frame
        self.start = start
        self.length = length
        self.remote = remote
        self.remotePort = remotePort
        self.sourcePortIndex = sourcePortIndex
    }
}

/// What a packet to be sent is: some may leave only while a lease lasts, and are counted apart.
public enum PacketRole: UInt8, Sendable, BitwiseCopyable {
    /// A batch, news of a view, or a packet that is passed on to whoever leads.
    case other
    /// By a flow's record: the packet that came, or the first piece of it.
    case forwarded
    /// A further piece.
    case piece
    /// Of the node's own making.
    case answer
}

extension FramePool {
    /// The bytes of a packet.
    @inlinable
    @_lifetime(borrow self)
    public func bytes(of packet: Packet) -> RawSpan {
        bytes(packet.frame, start: Int(packet.start), count: Int(packet.length))
    }

    /// The bytes of a packet, to write to.
    @inlinable
    @_lifetime(&self)
    public mutating func mutableBytes(of packet: Packet) -> MutableRawSpan {
        mutableBytes(packet.frame, start: Int(packet.start), count: Int(packet.length))
    }
}
