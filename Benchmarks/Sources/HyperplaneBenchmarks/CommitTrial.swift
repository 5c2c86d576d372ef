// The leader's processor: a node that leads every bucket, one by itself that does the same without
// replication, and a player of ping-pong; in turns, a block of each.

import Consensus
import LinuxIO
import Node
import Synchronization
import Wire

/// What decisions are made about.
enum CommitLoad: String, CaseIterable {
    case ipv4
    case ipv6

    func packet(_ number: UInt64) -> EnginePacket {
        switch self {
        case .ipv4: .toGateway(number)
        case .ipv6: .toBalancerV6(number)
        }
    }
}

struct CommitTrial: ~Copyable {
    private var leader: SocketNode
    private var alone: SocketNode
    private var echo: PingPong
    private let control: CommitSwitch
    /// The next flow's number.
    private var next: UInt64 = 0
    /// Datagrams of one commitment alone.
    private(set) var entryBytes = 0
    private(set) var answerBytes = 0
    /// Blocks in which a view changed or a packet was dropped: left out.
    private(set) var discarded = 0

    static let decisions = 8192

    init(_ control: CommitSwitch, flows: Int) throws(IOError) {
        let settings = CommitWorld.settings(node: 1, flows: flows)
        var fixed = settings
        fixed.isViewFixed = true
        let leader = try SocketNode(settings, CommitWorld.snapshot(), at: CommitWorld.nodes[0])
        let alone = try SocketNode(
            fixed, CommitWorld.snapshot(nodes: 1), at: CommitWorld.alone)
        let echo = try PingPong(at: CommitWorld.leaderEcho)
        self.control = control
        self.leader = leader
        self.alone = alone
        self.echo = echo
    }

    /// Waits until this node leads every bucket, each with two copies, and nothing moves any more.
    mutating func settle() throws(BenchmarkFailure) {
        let start = MonotonicClock.now()
        var isSettled = false
        while !isSettled {
            guard MonotonicClock.now() - start < 60_000_000_000 else {
                throw BenchmarkFailure("the nodes did not settle within a minute")
            }
            leader.rest(nanoseconds: 50_000_000)
            isSettled = isQuiet
        }
        leader.rest(nanoseconds: 1_000_000_000)
        guard isQuiet else { return try settle() }
    }

    private var isQuiet: Bool {
        let standing = leader.engine.standing
        guard let view = leader.engine.exchange.replica.view(group: 0) else { return false }
        return standing.leads == view.buckets.count && standing.opening == 0
            && leader.engine.exchange.replica.isActive(group: 0)
            && view.buckets.allSatisfy {
                $0.replicas.count == CommitWorld.copies && $0.full.count >= CommitWorld.copies
            }
    }

    mutating func stop() { control.set(.stopped) }

    // MARK: One decision at a time

    /// Nanoseconds of each decision from the packet to its release, and of each ping-pong beside.
    mutating func measureLatency(
        blocks: Int, each: Int
    ) throws(BenchmarkFailure) -> (commits: [Double], floor: [Double]) {
        var commits: [Double] = []
        var floor: [Double] = []
        // The first block warms up, and tells how long the datagrams are.
        for block in 0...blocks {
            let some = try commitSome(each)
            control.answerBytes.store(answerBytes, ordering: .relaxed)
            control.set(.pingPong)
            for number in 0..<each {
                let peer = CommitWorld.followerEchoes[number % 2]
                let elapsed = try echo.play(with: peer, bytes: entryBytes)
                if block > 0 { floor.append(Double(elapsed)) }
            }
            control.set(.nodes)
            leader.rest(nanoseconds: 500_000)
            if block > 0 { commits += some ?? [] }
        }
        guard !commits.isEmpty else {
            throw BenchmarkFailure("a view changed in every block: the machine is too busy")
        }
        return (commits, floor)
    }

    /// Nil if the block can't count.
    private mutating func commitSome(_ count: Int) throws(BenchmarkFailure) -> [Double]? {
        var each: [Double] = []
        var isWhole = true
        for _ in 0..<count {
            let packet = leader.frame(.toGateway(next))
            next += 1
            if try leader.drive([packet]) == nil { isWhole = false }
            each.append(Double(leader.releasedAt - leader.fedAt))
            answerBytes = leader.lastReceivedBytes
            entryBytes = leader.lastEntryBytes
            leader.rest(nanoseconds: 30_000)
        }
        if !isWhole { discarded += 1 }
        return isWhole ? each : nil
    }

    // MARK: As many as possible

    /// Measures segments of decisions.
    mutating func measureRate(
        _ load: CommitLoad, segments: Int
    ) throws(BenchmarkFailure) -> CommitRate {
        var rate = CommitRate()
        for segment in 0...segments {
            let bytes = (leader.bytesSent, control.bytesSent.load(ordering: .relaxed))
            let busy = (leader.busyNanoseconds, control.busyNanoseconds.load(ordering: .relaxed))
            let elapsed = try Self.drive(load, from: next, &leader)
            let leaderBusy = leader.busyNanoseconds - busy.0
            let followersBusy = control.busyNanoseconds.load(ordering: .relaxed) - busy.1
            leader.rest(nanoseconds: 3_000_000)
            let floor = try Self.drive(load, from: next, &alone)
            alone.rest(nanoseconds: 1_000_000)
            next += UInt64(Self.decisions)
            guard segment > 0 else { continue }
            guard let elapsed, let floor else {
                discarded += 1
                continue
            }
            let count = Double(Self.decisions)
            rate.committed.append(count * 1e6 / Double(elapsed))
            rate.alone.append(count * 1e6 / Double(floor))
            rate.leaderBusy.append(100 * Double(leaderBusy) / Double(elapsed))
            rate.followersBusy.append(100 * Double(followersBusy) / Double(elapsed))
            rate.bytes.append(Double(leader.bytesSent - bytes.0) / count)
            rate.bytesBack.append(
                Double(control.bytesSent.load(ordering: .relaxed) - bytes.1) / count)
        }
        guard !rate.committed.isEmpty else {
            throw BenchmarkFailure("a view changed in every segment: the machine is too busy")
        }
        return rate
    }

    private static func drive(
        _ load: CommitLoad, from first: UInt64, _ node: inout SocketNode
    ) throws(BenchmarkFailure) -> UInt64? {
        var packets: [Packet] = []
        packets.reserveCapacity(decisions)
        for number in first..<first + UInt64(decisions) {
            packets.append(node.frame(load.packet(number)))
        }
        return try node.drive(packets)
    }
}

/// What segments of decisions gave.
struct CommitRate {
    /// Decisions committed in a millisecond, and decided by a node by itself.
    var committed: [Double] = []
    var alone: [Double] = []
    /// Percent of the time in turns that had work.
    var leaderBusy: [Double] = []
    var followersBusy: [Double] = []
    /// For each decision, from the leader and to it, in UDP payload.
    var bytes: [Double] = []
    var bytesBack: [Double] = []
}
