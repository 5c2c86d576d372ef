// A node's death with 600 groups in common and 100,000 flows led: how long until all views are changed.
// On virtual time, so that five nodes need no five processors. docs/benchmarks.md says how to read it.

import Configuration

enum FailoverBenchmark {
    static func run(_ options: Options, _ report: Report) throws {
        var floor = try MoveFloor()
        let charge = floor.nanosecondsEnd()
        let trials = options.isFull ? 5 : 1
        var whole: [FailoverResult] = []
        var protocolAlone: [FailoverResult] = []
        var moves: [Double] = []
        for trial in 0..<trials {
            var charged = try FailoverTrial()
            let result = try charged.run(charge: charge, phase: UInt64(3 * trial))
            whole.append(result)
            moves.append(floor.move(result.busiestBytes) / 2e6)
            var free = try FailoverTrial()
            protocolAlone.append(try free.run(charge: nil, phase: UInt64(3 * trial)))
        }
        let suspicion = Double(FailoverWorld().snapshot.cluster.suspectMilliseconds)
        report.add(
            Row("failover.whole", unit: "ms", Samples(whole.map(\.milliseconds)))
                .beside("suspicion and moving", Samples(moves.map { suspicion + $0 })))
        report.add(
            Row("failover.protocol", unit: "ms", Samples(protocolAlone.map(\.milliseconds)))
                .beside("suspicion", Samples([suspicion])))
        report.add(
            Row(
                "failover.processor", unit: "ms", Samples(whole.map { $0.busiestNanoseconds / 1e6 })
            ).beside("moving", Samples(moves)))
        messages(whole, report)
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
