// Messages under construction for one socket: packets of one length to one destination become one
// message that the kernel cuts apart again (UDP_SEGMENT), which costs little more than one packet.
// The packets of an inner flow never overtake each other.

internal import CLinux
internal import Wire

/// One message: packets to one destination, all of `segmentBytes` but the last, which may be
/// shorter.
struct PendingMessage {
    var remote: IPAddress
    var port: Port
    var segmentBytes: Int
    var totalBytes: Int
    var segments = 1
    /// True once a shorter packet is the last.
    var isEnded = false
    /// The message before this one to the same destination, and the one that holds its first
    /// packet's predecessor in the inner flow; -1 if there is none in the batch.
    var previous: Int
    var floor: Int

    func hasRoom(for bytes: Int) -> Bool {
        !isEnded && segments < SendBatch.capacitySegments
            && totalBytes + bytes <= SendBatch.capacityBytes
    }
}

/// Up to 64 messages of up to 64 packets each, in memory reserved once.
///
/// Order of use: `append` until it is full, `seal`, send the messages in order, `clear`.
@safe
struct SendBatch: ~Copyable {
    static let capacityMessages = Int(clinux_send_slots)
    static let capacitySegments = Int(clinux_segments)
    /// Below the 65,507 bytes that an IPv4 datagram can carry.
    static let capacityBytes = 65_000

    let sender: UnsafeMutablePointer<clinux_sender>
    /// After `seal`: those to be sent, in order.
    private(set) var messages: [PendingMessage] = []
    // The newest message of each destination and length, of each destination, and of each flow to a
    // destination, by hash. The first two are checked when found; flows of one hash are kept in
    // order as one.
    private var ofShape = InlineArray<256, UInt8>(repeating: none)
    private var ofDestination = InlineArray<128, UInt8>(repeating: none)
    private var ofFlow = InlineArray<256, UInt8>(repeating: none)
    private static let none: UInt8 = 255
    /// Packets of this length or longer are not joined: a path refused it before.
    private(set) var joinLimitBytes = Int.max

    init() {
        unsafe sender = .allocate(capacity: 1)
        messages.reserveCapacity(Self.capacityMessages)
    }

    deinit { unsafe sender.deallocate() }

    /// Adds a packet whose bytes lie at `bytes` until the batch is cleared. False if it is full.
    mutating func append(_ packet: Packet, flow: UInt8, bytes: UnsafeMutableRawPointer) -> Bool {
        let length = Int(packet.length)
        let hash = Self.hash(of: packet)
        let shape = Int((hash ^ (UInt64(length) &* 0x9E37_79B9_7F4A_7C15)) >> 56)
        let ordered = Int(flow ^ UInt8(truncatingIfNeeded: hash >> 40))
        let floor = ofFlow[ordered] == Self.none ? -1 : Int(ofFlow[ordered])
        let index = Int(ofShape[shape])
        if index < messages.count, index >= floor, accepts(packet, index) {
            unsafe clinux_sender_append(sender, Int32(index), bytes, length)
            messages[index].segments += 1
            messages[index].totalBytes += length
            ofFlow[ordered] = UInt8(index)
            return true
        }
        guard messages.count < Self.capacityMessages else { return false }
        let slot = messages.count
        unsafe clinux_sender_begin(
            sender, Int32(slot), clinux_address(packet.remote, packet.remotePort))
        unsafe clinux_sender_append(sender, Int32(slot), bytes, length)
        let destination = Int(hash >> 57)
        messages.append(
            PendingMessage(
                remote: packet.remote, port: packet.remotePort, segmentBytes: length,
                totalBytes: length, previous: newest(of: packet, destination), floor: floor))
        ofShape[shape] = UInt8(slot)
        ofDestination[destination] = UInt8(slot)
        ofFlow[ordered] = UInt8(slot)
        return true
    }

    private func accepts(_ packet: Packet, _ index: Int) -> Bool {
        let message = messages[index]
        let length = Int(packet.length)
        return length > 0 && length == message.segmentBytes && length < joinLimitBytes
            && message.remote == packet.remote && message.port == packet.remotePort
            && message.hasRoom(for: length)
    }

    private func newest(of packet: Packet, _ destination: Int) -> Int {
        let index = Int(ofDestination[destination])
        guard index < messages.count, messages[index].remote == packet.remote,
            messages[index].port == packet.remotePort
        else { return -1 }
        return index
    }

    /// Ends the building: packets that stayed alone end an earlier message of longer ones where the
    /// order allows it, and the kernel is told where to cut. Call once, before sending.
    mutating func seal() {
        for index in messages.indices.dropFirst() where messages[index].segments == 1 {
            joinAsLast(index)
        }
        var kept = 0
        for index in messages.indices where messages[index].segments > 0 {
            if kept != index {
                messages[kept] = messages[index]
                unsafe clinux_sender_move(sender, Int32(index), Int32(kept))
            }
            let message = messages[kept]
            if message.segments > 1 {
                unsafe clinux_sender_segment(sender, Int32(kept), UInt16(message.segmentBytes))
            }
            kept += 1
        }
        messages.removeLast(messages.count - kept)
    }

    /// Moves the only packet of a message to the end of an earlier one to the same destination.
    private mutating func joinAsLast(_ index: Int) {
        let single = messages[index]
        var host = single.previous
        // A few steps back are enough, and bound the work. Before `floor` it would overtake a
        // packet of its own flow.
        for _ in 0..<4 {
            guard host >= 0, host >= single.floor, single.totalBytes > 0 else { return }
            let message = messages[host]
            if message.segments > 0, message.segmentBytes > single.totalBytes,
                message.segmentBytes < joinLimitBytes, message.hasRoom(for: single.totalBytes)
            {
                unsafe clinux_sender_join(sender, Int32(index), Int32(host))
                messages[host].segments += 1
                messages[host].totalBytes += single.totalBytes
                messages[host].isEnded = true
                messages[index].segments = 0
                return
            }
            host = message.previous
        }
    }

    /// From now on packets of this length or longer go alone.
    mutating func limitJoins(to bytes: Int) { joinLimitBytes = min(joinLimitBytes, bytes) }

    mutating func clear() {
        messages.removeAll(keepingCapacity: true)
        ofShape = InlineArray(repeating: Self.none)
        ofDestination = InlineArray(repeating: Self.none)
        ofFlow = InlineArray(repeating: Self.none)
    }

    private static func hash(of packet: Packet) -> UInt64 {
        let mapped = packet.remote.mapped
        let key = mapped.low ^ mapped.high ^ (UInt64(packet.remotePort.rawValue) << 32)
        return key &* 0x9E37_79B9_7F4A_7C15
    }
}
