// Sending: packets go from their frames straight into the kernel, many at a call, and joined where
// they agree. Whatever happens, every frame goes back to the pool.

internal import CLinux
internal import Glibc
public import Wire

extension UDPPort {
    /// Sends the packets and gives their frames back to the pool. What can't be sent is dropped and
    /// counted. `Packet.sourcePortIndex`, modulo the number of source ports, chooses the port that
    /// a packet leaves from; packets of one inner flow with the same one stay in order.
    /// A full send queue is tried once more, then dropped: it never waits. Allocates nothing.
    public mutating func send(_ packets: [Packet], pool: inout FramePool) {
        let mask = sendDescriptors.count - 1
        var used: UInt16 = 0
        for packet in packets { used |= 1 << UInt16(Int(packet.sourcePortIndex) & mask) }
        for index in sendDescriptors.indices where used & 1 << UInt16(index) != 0 {
            for packet in packets where Int(packet.sourcePortIndex) & mask == index {
                queue(packet, at: sendDescriptors[index], pool: pool)
            }
            flush(at: sendDescriptors[index])
        }
        for packet in packets { pool.give(packet.frame) }
    }

    private mutating func queue(
        _ packet: Packet, at descriptor: Int32, pool: borrowing FramePool
    ) {
        guard packet.remote.isIPv4 == address.isIPv4 else {
            counters.droppedWrongFamily += 1
            return
        }
        let bytes = unsafe pool.checkedAddress(
            packet.frame, start: Int(packet.start), byteCount: Int(packet.length))
        let flow = FlowHint.of(pool.bytes(of: packet))
        if unsafe batch.append(packet, flow: flow, bytes: bytes) { return }
        flush(at: descriptor)
        let added = unsafe batch.append(packet, flow: flow, bytes: bytes)
        precondition(added, "an empty batch has room")
    }

    /// Hands all messages of the batch to the kernel, and empties it.
    private mutating func flush(at descriptor: Int32) {
        batch.seal()
        let count = batch.messages.count
        var next = 0
        var retried = false
        while next < count {
            let result = unsafe clinux_send(
                batch.sender, descriptor, Int32(next), Int32(count - next))
            counters.sendCalls += 1
            if result > 0 {
                for index in next..<next + Int(result) { noteSent(batch.messages[index]) }
                next += Int(result)
            } else if !retried, Self.isQueueFull(-result) {
                retried = true
                counters.sendRetries += 1
                sched_yield()
            } else {
                resolve(next, error: -result, at: descriptor)
                next += 1
            }
        }
        batch.clear()
    }

    private mutating func noteSent(_ message: PendingMessage) {
        counters.sentMessages += 1
        counters.sentPackets += UInt64(message.segments)
        counters.sentBytes += UInt64(message.totalBytes)
    }

    private static func isQueueFull(_ error: Int32) -> Bool {
        error == EAGAIN || error == ENOBUFS || error == ENOMEM || error == EINTR
    }

    /// A message was refused: drops it, or sends its packets one by one if it was the joining that
    /// the path does not take (a segment above its MTU, a device that can't make checksums).
    private mutating func resolve(_ index: Int, error: Int32, at descriptor: Int32) {
        let message = batch.messages[index]
        let mayBeTheJoin = error == EINVAL || error == EMSGSIZE || error == EIO
        guard message.segments > 1, mayBeTheJoin else {
            drop(UInt64(message.segments), error)
            return
        }
        counters.joinsRefused += 1
        var anySent = false
        for segment in 0..<message.segments {
            let result = unsafe clinux_send_one(
                batch.sender, descriptor, Int32(index), Int32(segment))
            counters.sendCalls += 1
            guard result == 0 else {
                drop(1, -result)
                continue
            }
            anySent = true
            counters.sentMessages += 1
            counters.sentPackets += 1
            counters.sentBytes += UInt64(bytes(ofSegment: segment, of: message))
        }
        // Alone they pass: so joining was at fault, for this length or, without checksums, for all.
        if anySent { batch.limitJoins(to: error == EIO ? 0 : message.segmentBytes) }
    }

    private func bytes(ofSegment segment: Int, of message: PendingMessage) -> Int {
        min(message.segmentBytes, message.totalBytes - segment * message.segmentBytes)
    }

    private mutating func drop(_ packets: UInt64, _ error: Int32) {
        counters.lastErrorNumber = error
        switch error {
        case EAGAIN, ENOBUFS, ENOMEM, EINTR: counters.droppedSendQueueFull += packets
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, ECONNREFUSED:
            counters.droppedUnreachable += packets
        case EPERM: counters.droppedForbidden += packets
        case EMSGSIZE: counters.droppedTooLong += packets
        case EINVAL, EACCES, EADDRNOTAVAIL: counters.droppedInvalidDestination += packets
        default: counters.droppedRefused += packets
        }
    }
}
