// What a run says at its end, for programs. The keys are part of the product's interface.

/// The report of a run. Encoded as JSON with these names.
public struct RunReport: Hashable, Sendable, Codable {
    public enum Verdict: String, Hashable, Sendable, Codable {
        case pass = "PASS"
        case fail = "FAIL"
    }

    public struct Flows: Hashable, Sendable, Codable {
        public var attempted: UInt64 = 0
        public var established: UInt64 = 0
        public var refused: UInt64 = 0
        public var broken: UInt64 = 0
        /// Broken with their target, which was meant to be killed.
        public var killed: UInt64 = 0
        public var misdelivered: UInt64 = 0
        public var duplicateTranslations: UInt64 = 0
        public var changedTarget: UInt64 = 0
        public var changedTranslation: UInt64 = 0
        public var wrongTranslation: UInt64 = 0
        /// With a last request that was answered.
        public var completed: UInt64 = 0
        /// Neither ended nor proven when the run was stopped.
        public var unfinished: UInt64 = 0
        public var borrowedPorts: UInt64 = 0
    }

    public struct Packets: Hashable, Sendable, Codable {
        public var sent: UInt64 = 0
        /// Each counts once, however often it came.
        public var received: UInt64 = 0
        /// Further copies of packets that had come.
        public var duplicated: UInt64 = 0
        /// Neither received, nor dropped by the generator's own sockets, nor refused in a run that
        /// uses up ports.
        public var lost: UInt64 = 0
        public var badChecksum: UInt64 = 0
        /// Requests of flows that were refused: an answer was never due.
        public var refused: UInt64 = 0
        /// Dropped at the generator's own sockets, in either direction.
        public var generatorOverflow: UInt64 = 0
        public var malformed: UInt64 = 0
        public var madeByNodes: UInt64 = 0
        public var late: UInt64 = 0
        public var unexpected: UInt64 = 0
        public var badTCPNumbers: UInt64 = 0
        public var repeated: UInt64 = 0
        public var relayed: UInt64 = 0
        public var returnTaken: UInt64 = 0
        /// At an edge with a source address of a VPC: one is too many.
        public var leaked: UInt64 = 0
    }

    /// While flows were being begun.
    public struct Rate: Hashable, Sendable, Codable {
        public var newFlowsPerSecond = 0.0
        /// Out of the cluster.
        public var packetsPerSecond = 0.0
        /// Of inner packets, out of the cluster.
        public var bitsPerSecond = 0.0
    }

    public struct Latency: Hashable, Sendable, Codable {
        public var p50 = 0.0
        public var p90 = 0.0
        public var p99 = 0.0
        public var p999 = 0.0
        public var max = 0.0
        public var mean = 0.0
        public var count: UInt64 = 0
    }

    /// Latencies by percentile, for a plot.
    public struct Distribution: Hashable, Sendable, Codable {
        public static let percentiles = [
            0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100,
        ]
        public var percentiles = Distribution.percentiles
        public var setupMicroseconds: [Double] = []
        public var roundTripMicroseconds: [Double] = []
    }

    public struct Node: Hashable, Sendable, Codable {
        public var name: String
        public var address: String
        public var packetsSent: UInt64
        public var packetsReceived: UInt64
        public var bitsPerSecond: Double
        /// Of all packets received from nodes.
        public var share: Double
        public var roundTripMicroseconds: Latency
    }

    public var verdict: Verdict
    /// Why it failed, one sentence each; empty if it passed.
    public var failures: [String]
    /// Whatever else the reader should know.
    public var notes: [String] = []
    public var command: String
    public var profile: String
    public var seed: UInt64
    public var seconds: Double
    public var flows: Flows
    public var packets: Packets
    public var rate: Rate
    public var setupLatencyMicroseconds: Latency
    public var roundTripMicroseconds: Latency
    /// How late the generator itself sent, which the other latencies include.
    public var generatorLatenessMicroseconds: Latency
    /// The longest time that the generator didn't look at its sockets, as when its machine was
    /// too busy: answers that came meanwhile are late by as much.
    public var generatorStallMilliseconds: Double
    public var longestOutageMilliseconds: Double
    /// The mean time between two sendings of that bucket.
    public var outageResolutionMilliseconds: Double
    /// Which resource and bucket had it; nil if none had one.
    public var outageBucket: String?
    public var perNode: [Node]
    public var distribution: Distribution
    public var timeline: [ReportSample]
    /// What the nodes themselves counted, since their start; nil if they were not asked.
    public var balance: [NodeBalance]?
    /// The same by resource, summed over nodes.
    public var perResource: [ResourceBalance]?
    /// Of load balancers: the targets that flows were given, by name.
    public var targets: [TargetReport]?
    /// Of NAT gateways: the EIPs that flows were given.
    public var eips: [EIPReport]?
    /// What was seen of each resource that was driven.
    public var resources: [ResourceReport]?
    /// What the emulated routers and edges were told of views.
    public var steering: SteeringReport?
    /// Of `hold` under faults: what was done to nodes, and what flows noticed of it.
    public var faults: FaultReport?
    /// What an operator did during the run.
    public var meanwhile: MeanwhileReport?
    /// Only of suites of cases.
    public var cases: [CaseReport]?
    /// Only of `registration`.
    public var registration: RegistrationReport?
    /// Only of `exhaust`.
    public var exhaustion: ExhaustionReport?
    /// The same: what happened with the EIPs that the gateway had, and with each that was added.
    public var stages: [ExhaustionReport.Stage]?
}

extension RunReport {
    /// A report in which nothing has happened.
    init(command: String, profile: String, seed: UInt64, seconds: Double) {
        self.init(
            verdict: .pass, failures: [], command: command, profile: profile, seed: seed,
            seconds: seconds, flows: Flows(), packets: Packets(), rate: Rate(),
            setupLatencyMicroseconds: Latency(), roundTripMicroseconds: Latency(),
            generatorLatenessMicroseconds: Latency(), generatorStallMilliseconds: 0,
            longestOutageMilliseconds: 0, outageResolutionMilliseconds: 0, perNode: [],
            distribution: Distribution(), timeline: [])
    }
}

extension RunReport.Distribution {
    init(setup: Histogram, roundTrip: Histogram) {
        func curve(_ histogram: Histogram) -> [Double] {
            percentiles.map { Double(histogram.value(at: $0 / 100)) / 1000 }
        }
        setupMicroseconds = curve(setup)
        roundTripMicroseconds = curve(roundTrip)
    }
}

extension RunReport.Latency {
    init(_ histogram: Histogram) {
        func microseconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1000 }
        p50 = microseconds(histogram.value(at: 0.5))
        p90 = microseconds(histogram.value(at: 0.9))
        p99 = microseconds(histogram.value(at: 0.99))
        p999 = microseconds(histogram.value(at: 0.999))
        max = microseconds(histogram.maximum)
        mean = histogram.mean / 1000
        count = histogram.count
    }
}
