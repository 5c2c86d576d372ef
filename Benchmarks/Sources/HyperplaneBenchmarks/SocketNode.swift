// A node of one engine with its sockets, whose turns are those of the node's daemon, without its sleep.
// What leaves the cluster isn't sent: it is counted, and its time noted.

import Configuration
import Consensus
import LinuxIO
import Node
import Tables
import Wire

struct SocketNode: ~Copyable {
    var engine: Engine
    private var port: UDPPort
    private var batch: [Packet] = []
    private var toPeers: [Packet] = []
    /// Packets that left the cluster, and when the last of them did.
    private(set) var released = 0
    private(set) var releasedAt = Tick(rawValue: 0)
    /// Packets that went to another node, which leads their bucket meanwhile.
    private var passedOn = 0
    /// When the engine was last given packets of `turn`'s caller.
    private(set) var fedAt = Tick(rawValue: 0)
    /// To peers, as UDP payload: sealed, without UDP's and IP's headers.
    private(set) var bytesSent: UInt64 = 0
    /// The last datagram that came.
    private(set) var lastReceivedBytes = 0
    /// The first datagram to a peer of the last turn with `fresh`.
    private(set) var lastEntryBytes = 0
    /// In turns that had something to do.
    private(set) var busyNanoseconds: UInt64 = 0

    static let batchLimit = 256
    /// New packets of one turn: the rest is for what the peers say.
    static let mostFresh = 224
    /// Packets that wait for their commitment.
    static let mostHeld = 2048

    init(_ settings: EngineSettings, _ snapshot: Snapshot, at address: IPAddress) throws(IOError) {
        port = try UDPPort(address: address)
        engine = Engine(settings, snapshot: snapshot, seed: 0x5EED &+ settings.node.rawValue)
        for region in engine.memoryRegions {
            _ = region.populate(from: 0, count: region.byteCount)
        }
        batch.reserveCapacity(Self.batchLimit)
        toPeers.reserveCapacity(settings.frameCount)
    }

    /// One turn, with `fresh` before what the socket has. False if there was nothing to do.
    @discardableResult
    mutating func turn(_ fresh: ArraySlice<Packet> = []) -> Bool {
        let now = MonotonicClock.now()
        batch.removeAll(keepingCapacity: true)
        batch.append(contentsOf: fresh)
        let received = port.receive(
            into: &batch, pool: &engine.frames, limit: Self.batchLimit - batch.count)
        if received > 0 { lastReceivedBytes = Int(batch[batch.count - 1].length) }
        if !fresh.isEmpty { fedAt = MonotonicClock.now() }
        var hasOutput = false
        if !batch.isEmpty {
            engine.handle(batch, at: now)
            hasOutput = sendAll()
            if !fresh.isEmpty, let first = toPeers.first { lastEntryBytes = Int(first.length) }
        }
        engine.tick(now)
        while let record = engine.pollRecord() { engine.recorded(record, at: now) }
        while engine.pollNotice() != nil {}
        hasOutput = sendAll() || hasOutput
        guard hasOutput || !batch.isEmpty else { return false }
        busyNanoseconds += MonotonicClock.now() - now
        return true
    }

    /// False if there was nothing.
    private mutating func sendAll() -> Bool {
        guard !engine.outgoing.isEmpty else { return false }
        send()
        return true
    }

    private mutating func send() {
        toPeers.removeAll(keepingCapacity: true)
        engine.dropUnleased(at: MonotonicClock.now())
        let before = released
        for packet in engine.outgoing {
            if CommitWorld.isNode(packet.remote) {
                toPeers.append(packet)
                let isBatch =
                    engine.frames.bytes(of: packet).uint8(at: 0) == BatchHeader.firstByte
                bytesSent += isBatch ? UInt64(packet.length) : 0
                passedOn += isBatch ? 0 : 1
            } else {
                released += 1
                engine.frames.give(packet.frame)
            }
        }
        if released > before { releasedAt = MonotonicClock.now() }
        port.send(toPeers, pool: &engine.frames)
        engine.outgoing.removeAll(keepingCapacity: true)
    }

    /// A packet in a frame of the engine's.
    mutating func frame(_ form: EnginePacket) -> Packet {
        let frame = engine.frames.take()!
        let start = engine.frames.headroomBytes
        var bytes = engine.frames.mutableBytes(frame, start: start, count: form.length)
        form.write(to: &bytes)
        return Packet(
            frame: frame, start: UInt16(start), length: UInt16(form.length), remote: form.machine)
    }

    /// Turns until all packets have left; nanoseconds from the first's. Nil if one was dropped, or a
    /// view came in between.
    mutating func drive(_ packets: [Packet]) throws(BenchmarkFailure) -> UInt64? {
        let dropped = engine.counters.packetsDropped
        let views = engine.exchange.replica.counters.viewsInstalled
        let before = released
        let passedBefore = passedOn
        let start = MonotonicClock.now()
        var fed = 0
        var done = 0
        while done < packets.count {
            let count = min(Self.mostFresh, packets.count - fed, Self.mostHeld - (fed - done))
            turn(packets[fed..<fed + count])
            fed += count
            done = released - before + passedOn - passedBefore
            done += Int(engine.counters.packetsDropped - dropped)
            guard MonotonicClock.now() - start < 10_000_000_000 else {
                throw BenchmarkFailure(stall(done, of: packets.count))
            }
        }
        let elapsed = MonotonicClock.now() - start
        let isWhole =
            engine.counters.packetsDropped == dropped && passedOn == passedBefore
            && engine.exchange.replica.counters.viewsInstalled == views
        return isWhole ? elapsed : nil
    }

    private func stall(_ done: Int, of count: Int) -> String {
        let counters = engine.exchange.replica.counters
        return "\(done) of \(count) packets were committed within 10 s: "
            + "\(engine.parkedCount) parked, \(engine.exchange.replica.uncommittedCount) entries not committed, "
            + "\(counters.entriesSentAgain) sent again, \(counters.viewsInstalled) views, "
            + "\(engine.frames.freeCount) frames free, \(engine.standing)"
    }

    /// Turns for this long, so that all is said that has to be.
    mutating func rest(nanoseconds: UInt64) {
        let start = MonotonicClock.now()
        while MonotonicClock.now() - start < nanoseconds { turn() }
    }
}

/// Why nothing could be measured.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
