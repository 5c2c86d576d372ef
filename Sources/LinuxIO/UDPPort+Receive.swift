// Receiving: datagrams come many at a call into staging buffers and are cut into frames there, one
// copy each. What finds no frame stays staged and is the next call's first packet.

internal import CLinux
internal import Glibc
public import Wire

/// How far the staged datagrams of the last receive call have been cut.
struct StagedDatagrams {
    /// Slots that the last call filled, and the one being cut.
    var count: Int32 = 0
    var slot: Int32 = 0
    /// The datagram in that slot, and its first byte not yet cut.
    var current = clinux_datagram()
    var offset = 0

    var isEmpty: Bool { slot == count }
    /// Bytes of the next packet in the current datagram.
    var nextLength: Int {
        let left = Int(current.length) - offset
        return current.segment_bytes == 0 ? left : min(left, Int(current.segment_bytes))
    }
}

extension UDPPort {
    /// Appends up to `limit` received packets and returns how many. Each is in a frame of its own,
    /// after the headroom, and the caller's from now on.
    ///
    /// Fewer than `limit` means that nothing more waits, or that the pool is empty: packets then
    /// stay where they are. Sleep only if `hasStagedPackets` is false. Allocates nothing if
    /// `packets` has room.
    public mutating func receive(
        into packets: inout [Packet], pool: inout FramePool, limit: Int
    ) -> Int {
        var count = 0
        var mayHaveMore = true
        while count < limit {
            if staged.isEmpty {
                guard mayHaveMore, pool.freeCount > 0 else { break }
                mayHaveMore = fill(wanted: limit - count)
                continue
            }
            guard let added = cut(into: &packets, pool: &pool) else { break }
            count += added
        }
        return count
    }

    /// True if packets that the kernel has handed over wait for a frame or for the next call.
    public var hasStagedPackets: Bool { !staged.isEmpty }

    /// Brings `counters.kernelOverflows` up to now. (With packets the kernel tells it only with the
    /// next packet that it keeps.) A system call: for reports, not for every turn.
    public mutating func readOverflow() {
        let value = clinux_overflow(fileDescriptor)
        if value >= 0 { note(overflow: UInt32(truncatingIfNeeded: value)) }
    }

    /// Stages what waits in the socket. True if more may wait there.
    private mutating func fill(wanted: Int) -> Bool {
        let slots = Int32(min(wanted, clinux_receive_slots))
        let result = unsafe clinux_receive(receiver, fileDescriptor, slots)
        counters.receiveCalls += 1
        guard result > 0 else {
            if result < 0, -result != EAGAIN, -result != EINTR {
                counters.receiveErrors += 1
                counters.lastErrorNumber = -result
            }
            return false
        }
        staged.count = result
        staged.slot = 0
        open()
        return result == slots
    }

    /// Reads the current slot's lengths.
    private mutating func open() {
        staged.offset = 0
        guard !staged.isEmpty else { return }
        staged.current = unsafe clinux_received(receiver, staged.slot)
        if staged.current.segment_bytes != 0 { counters.receivedJoined += 1 }
        if staged.current.has_overflow { note(overflow: staged.current.overflow) }
    }

    private mutating func note(overflow: UInt32) {
        let grown = overflow &- lastOverflow
        // The value with a packet is older than one read since: it must not count backwards.
        guard grown < 1 << 31 else { return }
        counters.kernelOverflows += UInt64(grown)
        lastOverflow = overflow
    }

    /// Copies the next staged packet into a frame. Nil if no frame is free; 0 if it was dropped.
    private mutating func cut(into packets: inout [Packet], pool: inout FramePool) -> Int? {
        let length = staged.nextLength
        guard length <= pool.capacityBytes else {
            counters.droppedOversized += 1
            advance(by: length)
            return 0
        }
        guard let frame = pool.take() else { return nil }
        let from = unsafe clinux_staged(receiver, staged.slot) + staged.offset
        let to = unsafe pool.checkedAddress(frame, start: pool.headroomBytes, byteCount: length)
        // Proof: both ranges were checked, the one in the frame here, the staged one because the
        // kernel wrote `current.length` bytes into the slot; they are different memory.
        unsafe to.copyMemory(from: from, byteCount: length)
        packets.append(
            Packet(
                frame: frame, start: UInt16(pool.headroomBytes), length: UInt16(length),
                remote: staged.current.source.address,
                remotePort: Port(staged.current.source.port)))
        counters.receivedPackets += 1
        counters.receivedBytes += UInt64(length)
        advance(by: length)
        return 1
    }

    private mutating func advance(by length: Int) {
        staged.offset += length
        guard staged.offset >= Int(staged.current.length) else { return }
        staged.slot += 1
        open()
    }
}
