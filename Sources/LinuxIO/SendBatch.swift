// Messages under construction for one socket: consecutive packets of one length to one destination
// become one message that the kernel cuts apart again (UDP_SEGMENT). Per destination the order of
// packets is kept.

internal import CLinux
internal import Wire

/// One message: packets to one destination, all of `segmentBytes` but the last, which may be
/// shorter.
struct PendingMessage {
    var remote: IPAddress
    var port: Port
    var segmentBytes: Int
    var totalBytes: Int
    var segments: Int
    /// False once a shorter packet has ended it.
    var isOpen: Bool
}

/// Up to 64 messages of up to 64 packets each, in memory reserved once.
@safe
struct SendBatch: ~Copyable {
    static let capacityMessages = clinux_send_slots
    static let capacitySegments = clinux_segments
    /// Below the 65,507 bytes that an IPv4 datagram can carry.
    static let capacityBytes = 65_000
    private static let noMessage: UInt8 = 255

    let sender: UnsafeMutablePointer<clinux_sender>
    private(set) var messages: [PendingMessage] = []
    /// The message that a destination's next packet may join, found by the destination's hash. Two
    /// destinations of one hash only join less.
    private var open = [UInt8](repeating: noMessage, count: 128)
    /// Packets of this length or longer are not joined: a path refused it before.
    private(set) var joinLimitBytes = Int.max

    init() {
        unsafe sender = .allocate(capacity: 1)
        messages.reserveCapacity(Self.capacityMessages)
    }

    deinit { unsafe sender.deallocate() }

    /// Adds a packet whose bytes lie at `bytes` until the batch is cleared. False if it is full.
    mutating func append(_ packet: Packet, bytes: UnsafeMutableRawPointer) -> Bool {
        let place = Self.place(of: packet)
        let index = Int(open[place])
        if index < messages.count, accepts(packet, index) {
            unsafe clinux_sender_append(sender, Int32(index), bytes, Int(packet.length))
            messages[index].segments += 1
            messages[index].totalBytes += Int(packet.length)
            messages[index].isOpen = Int(packet.length) == messages[index].segmentBytes
            return true
        }
        guard messages.count < Self.capacityMessages else { return false }
        let slot = Int32(messages.count)
        unsafe clinux_sender_begin(sender, slot, clinux_address(packet.remote, packet.remotePort))
        unsafe clinux_sender_append(sender, slot, bytes, Int(packet.length))
        open[place] = UInt8(messages.count)
        messages.append(
            PendingMessage(
                remote: packet.remote, port: packet.remotePort, segmentBytes: Int(packet.length),
                totalBytes: Int(packet.length), segments: 1, isOpen: packet.length > 0))
        return true
    }

    /// Whether the packet may be the next of the message.
    private func accepts(_ packet: Packet, _ index: Int) -> Bool {
        let length = Int(packet.length)
        let message = messages[index]
        return message.isOpen && message.remote == packet.remote
            && message.port == packet.remotePort && length > 0 && length <= message.segmentBytes
            && message.segmentBytes < joinLimitBytes && message.segments < Self.capacitySegments
            && message.totalBytes + length <= Self.capacityBytes
    }

    /// Tells the kernel where to cut. Call once, before sending.
    mutating func seal() {
        for index in messages.indices where messages[index].segments > 1 {
            unsafe clinux_sender_segment(
                sender, Int32(index), UInt16(messages[index].segmentBytes))
        }
    }

    /// From now on packets of this length or longer go alone.
    mutating func limitJoins(to bytes: Int) { joinLimitBytes = min(joinLimitBytes, bytes) }

    mutating func clear() {
        messages.removeAll(keepingCapacity: true)
        for place in open.indices { open[place] = Self.noMessage }
    }

    private static func place(of packet: Packet) -> Int {
        let mapped = packet.remote.mapped
        let mixed = mapped.low ^ mapped.high ^ (UInt64(packet.remotePort.rawValue) << 32)
        return Int((mixed &* 0x9E37_79B9_7F4A_7C15) >> 57)
    }
}
