// What a UDP port did and dropped, every drop under its own name. Plain numbers, read between
// turns; all of them only grow.

/// The counts of one engine's UDP port since it was opened.
public struct UDPCounters: Hashable, Sendable {
    // Received.
    /// Packets handed to the engine.
    public var receivedPackets: UInt64 = 0
    /// Their bytes: UDP payload, without outer headers.
    public var receivedBytes: UInt64 = 0
    /// Datagrams that the kernel had joined from several packets (UDP_GRO).
    public var receivedJoined: UInt64 = 0
    /// System calls that received.
    public var receiveCalls: UInt64 = 0
    /// Dropped: longer than a frame's capacity.
    public var droppedOversized: UInt64 = 0
    /// Dropped by the kernel before we saw them, because the socket's buffer was full. The kernel
    /// may count one for a joined datagram. Exact after `UDPPort.readOverflow()`.
    public var kernelOverflows: UInt64 = 0
    /// Receive calls that the kernel refused.
    public var receiveErrors: UInt64 = 0

    // Sent.
    /// Packets that the kernel took.
    public var sentPackets: UInt64 = 0
    /// Their bytes: UDP payload, without outer headers.
    public var sentBytes: UInt64 = 0
    /// Messages that the kernel took; fewer than packets where it cuts joined ones (UDP_SEGMENT).
    public var sentMessages: UInt64 = 0
    /// System calls that sent.
    public var sendCalls: UInt64 = 0
    /// Times that a full send queue was tried once more.
    public var sendRetries: UInt64 = 0
    /// Joined messages that the path does not take; their packets were then sent one by one.
    public var joinsRefused: UInt64 = 0
    /// Dropped: the send queue was full (EAGAIN, ENOBUFS, ENOMEM), also at the second attempt.
    public var droppedSendQueueFull: UInt64 = 0
    /// Dropped: no route to the destination, or it is down.
    public var droppedUnreachable: UInt64 = 0
    /// Dropped: a firewall rule of this machine forbids it.
    public var droppedForbidden: UInt64 = 0
    /// Dropped: longer than the path to the destination takes.
    public var droppedTooLong: UInt64 = 0
    /// Dropped: an IPv6 destination at an IPv4 port, or the reverse.
    public var droppedWrongFamily: UInt64 = 0
    /// Dropped: the destination is not one that can be sent to (port 0, broadcast).
    public var droppedInvalidDestination: UInt64 = 0
    /// Dropped: refused with an error number without a name here; it is in `lastErrorNumber`.
    public var droppedRefused: UInt64 = 0
    /// The last error number of the kernel that a drop or a receive error came from, 0 if none.
    public var lastErrorNumber: Int32 = 0

    public init() {}

    /// Packets given to `send` that did not leave.
    public var droppedSends: UInt64 {
        droppedSendQueueFull + droppedUnreachable + droppedForbidden + droppedTooLong
            + droppedWrongFamily + droppedInvalidDestination + droppedRefused
    }
}
