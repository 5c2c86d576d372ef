// One node of the failover: an engine, what is on its way to it, and what its turns cost.

import Configuration
import Consensus
import Glibc
import Node
import Wire

/// A datagram on its way.
struct Transit {
    var arrival: Tick
    var source: IPAddress
    var bytes: [UInt8]
}

final class FailoverNode {
    var engine: Engine
    let address: IPAddress
    /// In order of arrival; those before `taken` are done with.
    private var inbox: [Transit] = []
    private var taken = 0
    private var freeAt: Tick
    private var tickAt: Tick
    private var batch: [Packet] = []
    /// Processor time of its turns, and lengths of the datagrams that it sent to its peers.
    private(set) var spentNanoseconds = 0.0
    private(set) var sentBytes: [Int] = []
    /// Of those that it took in.
    private(set) var takenBytes: [Int] = []

    /// One in a batch at the most.
    private static let batchLimit = 256

    init(_ index: Int, _ snapshot: Snapshot, _ counts: MessageCounts, at now: Tick) {
        engine = Engine(
            FailoverWorld.settings(node: index, counts), snapshot: snapshot,
            seed: 0x5EED + UInt64(index))
        address = FailoverWorld.address(index)
        freeAt = now
        tickAt = now
    }

    func put(_ transit: Transit) {
        var place = inbox.count
        while place > taken, inbox[place - 1].arrival > transit.arrival { place -= 1 }
        inbox.insert(transit, at: place)
    }

    func beginCount() {
        spentNanoseconds = 0
        sentBytes.removeAll(keepingCapacity: true)
        takenBytes.removeAll(keepingCapacity: true)
    }

    /// When its next turn is.
    var due: Tick {
        let wake = taken < inbox.count ? min(inbox[taken].arrival, tickAt) : tickAt
        return max(freeAt, wake)
    }

    /// One turn. What left, with when it leaves: if `charge` is given the turn takes the processor time
    /// that it took, and `charge` nanoseconds for each datagram; else none.
    func turn(charge: Double?) -> (departure: Tick, packets: [(to: IPAddress, bytes: [UInt8])]) {
        let now = due
        take(at: now)
        let spent = nanosecondsEach(1) {
            if !batch.isEmpty { engine.handle(batch, at: now) }
            engine.tick(now)
            while let record = engine.pollRecord() { engine.recorded(record, at: now) }
            while engine.pollNotice() != nil {}
        }
        spentNanoseconds += spent
        if tickAt <= now { tickAt = now + 1_000_000 }
        let packets = drain()
        let moved = Double(batch.count + packets.count)
        freeAt = charge.map { now + UInt64(spent + moved * $0) } ?? now
        return (freeAt, packets)
    }

    /// What has arrived goes into frames.
    private func take(at now: Tick) {
        batch.removeAll(keepingCapacity: true)
        while taken < inbox.count, inbox[taken].arrival <= now, batch.count < Self.batchLimit,
            let frame = engine.frames.take()
        {
            let transit = inbox[taken]
            taken += 1
            takenBytes.append(transit.bytes.count)
            let start = engine.frames.headroomBytes
            var bytes = engine.frames.mutableBytes(
                frame, start: start, count: transit.bytes.count)
            for index in transit.bytes.indices { bytes.store(transit.bytes[index], at: index) }
            batch.append(
                Packet(
                    frame: frame, start: UInt16(start), length: UInt16(transit.bytes.count),
                    remote: transit.source))
        }
        guard taken > 1024 else { return }
        inbox.removeFirst(taken)
        taken = 0
    }

    private func drain() -> [(to: IPAddress, bytes: [UInt8])] {
        var packets: [(to: IPAddress, bytes: [UInt8])] = []
        for packet in engine.outgoing {
            packets.append((packet.remote, Self.bytes(of: packet, engine.frames)))
            engine.frames.give(packet.frame)
            if FailoverWorld.node(packet.remote) != nil { sentBytes.append(Int(packet.length)) }
        }
        engine.outgoing.removeAll(keepingCapacity: true)
        return packets
    }

    private static func bytes(of packet: Packet, _ frames: borrowing FramePool) -> [UInt8] {
        let bytes = frames.bytes(of: packet)
        var copy = [UInt8](repeating: 0, count: bytes.byteCount)
        for index in copy.indices { copy[index] = bytes.uint8(at: index) }
        return copy
    }
}
