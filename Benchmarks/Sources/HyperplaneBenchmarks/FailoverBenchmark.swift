// A node's death with 600 groups in common and 100,000 flows led: how long until all views are changed.
// On virtual time, so that five nodes need no five processors. docs/benchmarks.md says how to read it.

import Configuration

enum FailoverBenchmark {
    static func run(_ options: Options, _ report: Report) throws {
        var floor = try MoveFloor()
        let phases = (0..<(options.isFull ? 5 : 1)).map { UInt64(3 * $0) }
        let suspicion = Double(FailoverWorld().snapshot.cluster.suspectMilliseconds)
        let free = try phases.map { try die(charge: nil, phase: $0) }
        report.add(
            Row("failover.protocol", unit: "ms", Samples(free.map(\.milliseconds)))
                .beside("suspicion", Samples([suspicion])))
        report.add(
            Row("failover.protocol.processor", unit: "ms", Samples(free.map(\.busiestMilliseconds)))
        )
        messages(free, report)
        let charge = floor.nanosecondsEnd()
        let whole = try phases.map { try die(charge: charge, phase: $0) }
        let moves = whole.map { floor.move($0.busiestBytes) / 2e6 }
        report.add(
            Row("failover.whole", unit: "ms", Samples(whole.map(\.milliseconds)))
                .beside("suspicion and moving", Samples(moves.map { suspicion + $0 })))
        report.add(
            Row("failover.processor", unit: "ms", Samples(whole.map(\.busiestMilliseconds)))
                .beside("moving", Samples(moves)))
    }

    private static func die(charge: Double?, phase: UInt64) throws -> FailoverResult {
        var trial = try FailoverTrial()
        return try trial.run(charge: charge, phase: phase)
    }

    private static func messages(_ results: [FailoverResult], _ report: Report) {
        func add(_ name: String, _ unit: String, _ value: (FailoverResult) -> Double) {
            report.add(Row("failover.\(name)", unit: unit, Samples(results.map(value))))
        }
        add("datagrams", "count") { Double($0.datagrams) }
        add("bytes", "KB") { Double($0.bytes) / 1e3 }
        add("messages.members", "count") { Double($0.ofMembers) }
        add("messages.replicas", "count") { Double($0.ofReplicas) }
        add("messages.joined", "each") {
            Double($0.ofMembers + $0.ofReplicas) / Double(max($0.batches, 1))
        }
        add("filledLeaders", "buckets") { Double($0.filledLeaders) }
        add("recordsSent", "records") { Double($0.recordsSent) }
    }
}
