// Filling one destination's ports until there are none left: which buckets are full, and how the
// filling went.

public import Wire

/// What is known of the buckets while ports run out.
struct Exhaustion: Sendable {
    /// A bucket counts as full after so many refusals in a row.
    static let refusals = 3
    private var refusedInARow: [UInt8]
    /// Established flows at which a stage ends: another EIP's worth of ports.
    let portsPerStage: Int
    let expected: Int
    private(set) var stages: [ExhaustionReport.Stage] = []
    private var stageSetup = Histogram()
    private var established = 0

    init(bucketCount: Int, portsPerStage: Int, stages: Int) {
        refusedInARow = Array(repeating: 0, count: bucketCount)
        self.portsPerStage = portsPerStage
        expected = portsPerStage * stages
    }

    func isFull(_ bucket: BucketIndex) -> Bool {
        refusedInARow[Int(bucket.rawValue)] >= Self.refusals
    }

    var allAreFull: Bool { refusedInARow.allSatisfy { $0 >= Self.refusals } }

    mutating func refused(_ bucket: BucketIndex) {
        let index = Int(bucket.rawValue)
        refusedInARow[index] = min(refusedInARow[index] + 1, UInt8(Self.refusals))
    }

    mutating func established(
        _ bucket: BucketIndex, setupNanoseconds: UInt64, elapsedNanoseconds: UInt64
    ) {
        refusedInARow[Int(bucket.rawValue)] = 0
        stageSetup.record(setupNanoseconds)
        established += 1
        guard established % portsPerStage == 0 else { return }
        stages.append(
            ExhaustionReport.Stage(
                established: established, seconds: Double(elapsedNanoseconds) / 1e9,
                setupLatencyMicroseconds: RunReport.Latency(stageSetup)))
        stageSetup.clear()
    }
}

extension TrafficEngine {
    /// Whether an `exhaust` run has found every bucket full, or spent its flows, and no flow is
    /// being opened any more.
    public var isFilled: Bool { !isOpening && openingFlows == 0 }

    /// Lets every live flow send its last request now, spread over `nanoseconds`.
    public mutating func proveAll(_ now: Tick, over nanoseconds: UInt64) {
        let spacing = nanoseconds / UInt64(max(liveFlows, 1))
        var due = now
        for slot in flows.indices where flows[slot].isLive {
            flows[slot].due = TimerWheel.rounded(due)
            flows[slot].lifetimeNanoseconds = flows[slot].due - flows[slot].opened
            flows[slot].attempts = 0
            wheel.schedule(UInt32(slot), at: due)
            due = due + spacing
        }
    }

    /// How many live flows hold a port of each EIP and each bucket. Walks all slots.
    public func census() -> ExhaustionReport {
        let service = topology.services[workload.streams[0].service]
        var eips = Array(repeating: 0, count: service.eips.count)
        var buckets = Array(repeating: 0, count: topology.bucketCount)
        for record in flows where record.isLive && record.phase != .opening {
            if let index = service.eips.firstIndex(of: record.seenSource) { eips[index] += 1 }
            buckets[Int(record.bucket.rawValue)] += 1
        }
        let first = flows.first { $0.isLive }
        return ExhaustionReport(
            destination: first.map { "\($0.server) port \($0.serverPort.rawValue)" } ?? "",
            expected: exhaustion?.expected ?? 0, held: eips.reduce(0, +), proven: 0,
            perEIP: zip(service.eips, eips).map {
                ExhaustionReport.EIP(address: $0.description, ports: $1)
            },
            leastOfABucket: buckets.min() ?? 0, mostOfABucket: buckets.max() ?? 0,
            stages: exhaustion?.stages ?? [])
    }

    mutating func noteRefusal(_ record: FlowRecord) {
        guard exhaustion != nil else { return }
        exhaustion?.refused(record.bucket)
        if exhaustion?.allAreFull == true { stopOpening() }
    }
}
