// From one engine of the node to another: a ring of packets, bytes and all. A packet crosses it
// once, when a socket gave it to the wrong engine.

import Tables
import Wire

/// The memory of one lane. One engine sends on it, one receives.
final class HandOverLane: @unchecked Sendable {
    private let ring: Ring<Packet>
    // Proof: storage has twice as many frames as the ring has places. The producer writes frame
    // i mod 2n before it pushes i, and pushes i only after i - n was popped; the consumer copies
    // i before it pops i + 1. So no frame is written while it is read.
    private var storage: FramePool
    private let capacity: Int

    init(capacity: Int, frameBytes: Int) {
        ring = Ring(capacity: capacity)
        self.capacity = ring.capacity
        storage = FramePool(count: 2 * ring.capacity, frameBytes: frameBytes, headroomBytes: 0)
    }

    /// Both ends, boxed, because a tuple can't hold what can't be copied.
    func makeEnds() -> (
        sender: HandOverBox<HandOverSender>, receiver: HandOverBox<HandOverReceiver>
    ) {
        (
            HandOverBox(HandOverSender(lane: self, ring: ring.makeProducer())),
            HandOverBox(HandOverReceiver(lane: self, ring: ring.makeConsumer()))
        )
    }

    fileprivate func write(_ number: Int, _ bytes: RawSpan) {
        let count = bytes.byteCount
        let slot = unsafe storage.checkedAddress(
            UInt32(number % (2 * capacity)), start: 0, byteCount: count)
        unsafe bytes.withUnsafeBytes { source in
            guard let first = source.baseAddress else { return }
            unsafe slot.copyMemory(from: first, byteCount: count)
        }
    }

    fileprivate func read(_ number: Int, into bytes: inout MutableRawSpan) {
        let count = bytes.byteCount
        let slot = unsafe storage.checkedAddress(
            UInt32(number % (2 * capacity)), start: 0, byteCount: count)
        unsafe bytes.withUnsafeMutableBytes { target in
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(start: slot, count: count))
        }
    }
}

/// The end that gives packets away.
struct HandOverSender: ~Copyable {
    fileprivate let lane: HandOverLane
    fileprivate var ring: RingProducer<Packet>
    private var number = 0

    fileprivate init(lane: HandOverLane, ring: consuming RingProducer<Packet>) {
        self.lane = lane
        self.ring = ring
    }

    /// Copies the packet over; false if the lane is full. The frame stays the caller's.
    mutating func send(_ packet: Packet, from pool: borrowing FramePool) -> Bool {
        guard lane.hasRoom else { return false }
        lane.write(number, pool.bytes(of: packet))
        guard ring.push(packet) else { return false }
        number += 1
        return true
    }
}

extension HandOverLane {
    fileprivate var hasRoom: Bool { ring.count < capacity }
}

/// The end that takes packets.
struct HandOverReceiver: ~Copyable {
    fileprivate let lane: HandOverLane
    fileprivate var ring: RingConsumer<Packet>
    private var number = 0

    fileprivate init(lane: HandOverLane, ring: consuming RingConsumer<Packet>) {
        self.lane = lane
        self.ring = ring
    }

    /// Takes packets into frames of `pool`, at most `limit`; none while it is out of frames.
    mutating func receive(into packets: inout [Packet], pool: inout FramePool, limit: Int) {
        for _ in 0..<limit {
            guard pool.freeCount > 0, let sent = ring.pop(), let frame = pool.take() else {
                return
            }
            // At the same place in its frame: what grew into the headroom still fits.
            var packet = sent
            packet.frame = frame
            var bytes = pool.mutableBytes(of: packet)
            lane.read(number, into: &bytes)
            number += 1
            packets.append(packet)
        }
    }
}
