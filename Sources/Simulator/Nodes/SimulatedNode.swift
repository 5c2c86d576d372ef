// A node of the simulation: real engines, a clock, a disk, and what waits in its sockets. Memory goes
// with a crash; the disk stays.

import Configuration
import Consensus
import Node
import Tables
import Translation
import Wire

/// What a node finds again after a crash.
struct NodeDisk: Sendable {
    /// Raised at every start.
    var startCounter: UInt64 = 0
    var snapshot: Snapshot
    /// The groups' generations and configurations.
    var records: [GroupRecord] = []
}

/// Whether a node runs.
enum NodeState: Sendable, Hashable { case down, running, paused }

/// A pause that is to come.
struct PauseDue {
    var span: UInt64
    /// Then at the latest, in a turn or not.
    var latest: Moment
}

/// One engine, and what waits for it.
final class EngineSlot {
    var engine: Engine
    /// Datagrams that its sockets have taken, and packets that other engines handed over; the
    /// latter with the outer address that they came with.
    var inbox: [Arrived] = []
    var isTurnPlanned = false
    var account = PacketAccount()

    init(_ engine: consuming Engine) { self.engine = engine }

    /// A datagram with its outer source.
    struct Arrived {
        var remote: IPAddress
        var bytes: [UInt8]
        var isHandedOver: Bool
    }
}

/// A machine of the cluster.
final class SimulatedNode {
    let index: Int
    let id: NodeID
    let clock: NodeClock
    var disk: NodeDisk
    var state = NodeState.down
    /// Starts so far: events planned for an earlier one are void.
    var start: UInt32 = 0
    var engines: [EngineSlot] = []
    /// What it had handed to its kernel when it was paused, sent when it wakes.
    var stuck: [Datagram] = []
    var stuckSince = Moment.start
    /// It was paused in the midst of an engine's turn.
    var standsInTurn = false
    /// It is to be paused in the midst of its next turn that sends packets.
    var pauseDue: PauseDue?
    var isDraining = false
    /// It is gone, with its disk.
    var isGone = false
    /// Its control plane can't be reached until then.
    var cutFromControlUntil = Moment.start

    init(index: Int, id: NodeID, clock: NodeClock, snapshot: Snapshot) {
        self.index = index
        self.id = id
        self.clock = clock
        disk = NodeDisk(snapshot: snapshot)
    }

    var isRunning: Bool { state == .running }

    func now(_ moment: Moment) -> Tick { clock.read(moment) }

    /// Starts its engines on what is on the disk. Memory begins empty.
    func boot(_ plan: Plan, random: inout SeededRandom, router: IPAddress) {
        let cluster = plan.cluster
        disk.startCounter += 1
        start += 1
        state = .running
        let incarnation = Incarnation(counter: disk.startCounter, random: random.next())
        engines = (0..<cluster.engines).map { number in
            var settings = EngineSettings(
                node: id, index: number, engineCount: cluster.engines, capacityFlows: 1024,
                groupCapacity: cluster.groups, resourceCapacity: 16, frameCount: 1024,
                frameBytes: 2048, batch: 64, parkingCapacity: 128, eventCapacity: 64,
                router: router)
            settings.incarnation = incarnation
            settings.nonce = random.next()
            settings.peerCapacity = 64
            settings.tailCapacity = 2048
            settings.plantedBug = plan.bug
            settings.recorded = disk.records
            return EngineSlot(Engine(settings, snapshot: disk.snapshot, seed: random.next()))
        }
    }

    func tellDraining() {
        for slot in engines { slot.engine.setDraining(isDraining) }
    }

    /// Its process is gone.
    func crash() {
        state = .down
        isDraining = false
        start += 1
        engines = []
        stuck = []
        standsInTurn = false
        pauseDue = nil
    }

    /// Ports that its buckets took on loan since it started.
    var loansTaken: Int {
        engines.reduce(0) { $0 + Int($1.engine.loanReport().taken.reduce(0, +)) }
    }

    /// The newest version that all its engines have closed.
    var closedVersion: UInt64 {
        engines.reduce(UInt64.max) { min($0, $1.engine.closedVersion) }
    }
}

extension EngineSlot {
    /// Puts what came into frames, as many as there are; the rest is lost in the socket. How many were
    /// taken of packets, batches not counted.
    func receive(limit: Int) -> [Packet] {
        var batch: [Packet] = []
        var taken = 0
        for arrived in inbox {
            guard batch.count < limit, let frame = engine.frames.take() else { break }
            taken += 1
            let packet = Packet(
                frame: frame, start: UInt16(engine.frames.headroomBytes),
                length: UInt16(arrived.bytes.count), remote: arrived.remote)
            Self.fill(packet, arrived.bytes, &engine.frames)
            if arrived.bytes.first != BatchHeader.firstByte { account.came += 1 }
            batch.append(packet)
        }
        inbox.removeFirst(taken)
        return batch
    }

    private static func fill(_ packet: Packet, _ bytes: [UInt8], _ frames: inout FramePool) {
        var target = frames.mutableBytes(of: packet)
        target.store(bytes.rawSpan, at: 0)
    }

    /// The bytes of a packet that the engine has to send.
    func copy(_ packet: Packet) -> [UInt8] { Self.copy(packet, engine.frames) }

    private static func copy(_ packet: Packet, _ frames: borrowing FramePool) -> [UInt8] {
        let span = frames.bytes(of: packet)
        var bytes = [UInt8](repeating: 0, count: span.byteCount)
        var target = bytes.mutableRawSpan
        target.store(span, at: 0)
        return bytes
    }
}

extension SimulatedNode {
    /// Where it stands in its groups, for whoever has to understand a run that went wrong.
    func groupLines(_ groups: [GroupEntry]) -> [String] {
        guard let first = engines.first else { return [] }
        return groups.compactMap { group in
            guard let one = first.engine.exchange.member?.summary(of: group.id) else { return nil }
            func text(_ ballot: Ballot) -> String {
                "\(ballot.generation).\(ballot.number).\(ballot.proposer.rawValue)"
            }
            return "node\(index + 1), group \(group.id) of \(group.members.map(\.rawValue)): "
                + "generation \(one.generation), configuration \(one.configuration) of "
                + "\(group.configuration), installed \(text(one.installed))"
                + "\(one.isActive ? " (active)" : ""), promised \(text(one.promised)), takes part "
                + "\(one.live.map(\.rawValue)), \(one.fullBuckets) full, \(one.ledBuckets) led, "
                + "\(one.waitingBuckets) waiting"
        }
    }

    /// What its engines have dropped, by name.
    var dropLine: String {
        guard state != .down else { return "node\(index + 1) is down" }
        let drops = DropReason.all.compactMap { reason -> String? in
            let count = engines.reduce(0) {
                $0 + $1.engine.counters.drops[Int(reason.rawValue)]
            }
            return count == 0 ? nil : "\(reason) \(count)"
        }
        return "node\(index + 1), \(state), dropped: \(drops.joined(separator: ", "))"
    }
}
