// One death: five nodes settle, one of them leads 100,000 flows and stops, and time runs until every
// group goes on without it.

import Consensus
import Node
import Wire

struct FailoverTrial {
    private var cluster: FailoverCluster
    private let flows: [(group: Int, packet: EnginePacket)]
    /// By group, then bucket: who had every record when the victim died.
    private var full: [[SeatSet]] = []
    /// Some of the flows, and what their packets leave with.
    private var samples: [(flow: Int, tuple: FlowTuple)] = []

    static let flowCount = 100_000
    private static let copies = 3
    private static let sampleStride = 100
    private static let longest: UInt64 = 30_000_000_000

    /// Nodes that agree on everything, with the victim's flows.
    init() throws(BenchmarkFailure) {
        cluster = FailoverCluster(FailoverWorld())
        flows = FailoverWorld.packets(Self.flowCount, ledBy: FailoverCluster.victim)
        try settle()
        try fill()
        try remember()
    }

    private mutating func settle() throws(BenchmarkFailure) {
        for _ in 0..<40 {
            cluster.pass(milliseconds: 500)
            if cluster.isSettled(copies: Self.copies) { return }
        }
        throw BenchmarkFailure("five nodes did not settle within 20 s of their time")
    }

    private mutating func fill() throws(BenchmarkFailure) {
        var sent = 0
        while sent < flows.count {
            for flow in flows[sent..<min(sent + 1_000, flows.count)] {
                cluster.send(flow.packet, to: FailoverCluster.victim)
            }
            sent += 1_000
            cluster.pass(milliseconds: 2)
        }
        cluster.pass(milliseconds: 50)
        guard cluster.releasedCount == flows.count else {
            throw BenchmarkFailure("\(cluster.releasedCount) flows were made")
        }
    }

    private mutating func remember() throws(BenchmarkFailure) {
        for flow in stride(from: 0, to: flows.count, by: Self.sampleStride) {
            let tuple = try forward(flow, through: FailoverCluster.victim)
            samples.append((flow, tuple))
        }
        full = (0..<FailoverWorld.groupCount).map { group in
            let view = cluster.survivors[0].engine.exchange.replica.view(group: group)
            return view?.buckets.map(\.full) ?? []
        }
    }

    /// What a flow's packet leaves a node with.
    private mutating func forward(
        _ flow: Int, through node: Int
    ) throws(BenchmarkFailure) -> FlowTuple {
        cluster.released.removeAll(keepingCapacity: true)
        cluster.send(flows[flow].packet, to: node)
        let end = cluster.now + 100_000_000
        while cluster.released.isEmpty {
            cluster.step()
            guard cluster.now < end else {
                throw BenchmarkFailure("node \(node) doesn't forward flow \(flow)")
            }
        }
        guard cluster.released[0].node == node else {
            throw BenchmarkFailure("flow \(flow) left by another node than node \(node)")
        }
        return cluster.released[0].tuple
    }

    /// - Parameters:
    ///   - charge: nanoseconds of a processor for a datagram at each end; nil: processors take no time.
    ///   - phase: milliseconds that the victim dies later.
    mutating func run(
        charge: Double?, phase: UInt64
    ) throws(BenchmarkFailure) -> FailoverResult {
        cluster.charge = charge
        cluster.pass(milliseconds: 50 + phase)
        cluster.kill(FailoverCluster.victim)
        for node in cluster.survivors { node.beginCount() }
        cluster.counts.reset()
        let records = cluster.recordsSent
        let died = cluster.now
        var waiting = Array(0..<FailoverWorld.groupCount)
        while let group = waiting.last {
            cluster.step()
            var lack = cluster.lack(of: group)
            while lack == nil, !waiting.isEmpty {
                waiting.removeLast()
                lack = waiting.last.flatMap { cluster.lack(of: $0) }
            }
            guard cluster.now - died < Self.longest else {
                throw BenchmarkFailure(
                    "\(waiting.count) groups not done after \(Self.longest / 1_000_000) ms, "
                        + "for want of \(lack ?? "nothing")")
            }
        }
        var result = FailoverResult(milliseconds: Double(cluster.now - died) / 1e6)
        result.take(cluster.survivors)
        result.take(cluster.counts)
        result.recordsSent = cluster.recordsSent - records
        result.filledLeaders = filledLeaders
        cluster.charge = nil
        try verify()
        return result
    }

    /// Buckets of the victim whose new leader had not every record before.
    private var filledLeaders: Int {
        var count = 0
        for group in 0..<FailoverWorld.groupCount {
            let view = cluster.survivors[0].engine.exchange.replica.view(group: group)
            for bucket in 0..<FailoverWorld.bucketCount
            where FailoverWorld.leader(group: group, bucket: bucket) == FailoverCluster.victim {
                let leader = cluster.leader(group: group, bucket: bucket)
                let seat = leader.flatMap { view?.seat(of: NodeID(rawValue: UInt64($0) + 1)) }
                guard let seat, full[group][bucket].contains(seat: seat) else {
                    count += 1
                    continue
                }
            }
        }
        return count
    }

    /// The samples' packets leave their new leaders with what they left the victim with.
    private mutating func verify() throws(BenchmarkFailure) {
        for sample in samples {
            let (group, packet) = flows[sample.flow]
            let bucket = Int(packet.overlay.bucket.rawValue)
            guard let leader = cluster.leader(group: group, bucket: bucket) else { continue }
            let tuple = try forward(sample.flow, through: leader)
            guard tuple == sample.tuple else {
                throw BenchmarkFailure("flow \(sample.flow) was translated anew")
            }
        }
    }
}

extension FailoverCluster {
    var recordsSent: UInt64 {
        survivors.reduce(0) { $0 + $1.engine.exchange.replica.counters.recordsSent }
    }
}

/// What a death cost.
struct FailoverResult {
    var milliseconds: Double
    /// Of the node whose turns took longest: their processor time, and the datagrams that it sent and
    /// received.
    var busiestNanoseconds = 0.0
    var busiestBytes: [Int] = []
    var busiestMilliseconds: Double { busiestNanoseconds / 1e6 }
    var datagrams = 0
    var bytes = 0
    /// Batches that were sealed, and the messages in them.
    var batches = 0
    var ofMembers = 0
    var ofReplicas = 0
    var recordsSent: UInt64 = 0
    var filledLeaders = 0

    mutating func take(_ counts: MessageCounts) {
        batches = counts.batches
        ofMembers = counts.ofMembers
        ofReplicas = counts.ofReplicas
    }

    mutating func take(_ nodes: [FailoverNode]) {
        for node in nodes {
            datagrams += node.sentBytes.count
            bytes += node.sentBytes.reduce(0, +)
            guard node.spentNanoseconds > busiestNanoseconds else { continue }
            busiestNanoseconds = node.spentNanoseconds
            busiestBytes = node.sentBytes + node.takenBytes
        }
    }
}
