// From a decision to its commitment: real engines with real sockets on loopback, one leader on a
// processor of its own, two followers on another. docs/benchmarks.md says how to read it.

import LinuxIO

enum CommitBenchmark {
    static func run(_ options: Options, _ report: Report) throws {
        guard let first = options.processors.first, options.processors.count > 1 else {
            throw BenchmarkFailure("commit needs two processors")
        }
        let flows = options.isFull ? 1 << 22 : 1 << 20
        let control = CommitSwitch()
        CommitFollowers.start(control, flows: flows, on: first)
        var trial = try CommitTrial(control, flows: flows)
        control.set(.nodes)
        try trial.settle()
        try latency(&trial, options, report)
        for load in CommitLoad.allCases { try rate(load, &trial, options, report) }
        trial.stop()
        report.add(
            Row("commit.discarded", unit: "blocks", value: Double(trial.discarded)))
    }

    private static func latency(
        _ trial: inout CommitTrial, _ options: Options, _ report: Report
    ) throws {
        let blocks = options.isFull ? 400 : 100
        let (commits, floor) = try trial.measureLatency(blocks: blocks, each: 200)
        let samples = Samples(commits).map { $0 / 1_000 }
        let floors = Samples(floor).map { $0 / 1_000 }
        let name = "UDP ping-pong"
        report.add(Row("commit.latency", unit: "us", samples).beside(name, floors))
        report.add(
            Row("commit.latency.p99", unit: "us", value: samples.percentile(0.99))
                .beside(name, Samples([floors.percentile(0.99)])))
        report.add(Row("commit.latency.entry", unit: "B", value: Double(trial.entryBytes)))
        report.add(
            Row("commit.latency.acknowledgement", unit: "B", value: Double(trial.answerBytes)))
    }

    private static func rate(
        _ load: CommitLoad, _ trial: inout CommitTrial, _ options: Options, _ report: Report
    ) throws {
        let segments = (options.isFull ? 4 : 1) * (load == .ipv4 ? 96 : 6)
        let rate = try trial.measureRate(load, segments: segments)
        let name = load.rawValue
        report.add(
            Row("commit.rate.\(name)", unit: "k/s", Samples(rate.committed))
                .beside("no replication", Samples(rate.alone)))
        let bytes = Samples(rate.bytes)
        let sealing = SealFloor.nanosecondsByte(bytes: 1472)
        report.add(
            Row("commit.rate.\(name).floor", unit: "k/s", Samples(rate.committed))
                .beside("copy, seal, open", sealing.map { 1e6 / ($0 * bytes.median) }))
        report.add(
            Row("commit.busy.leader.\(name)", unit: "%", Samples(rate.leaderBusy)))
        report.add(
            Row("commit.busy.followers.\(name)", unit: "%", Samples(rate.followersBusy)))
        report.add(Row("commit.bytes.\(name)", unit: "B", bytes))
        report.add(Row("commit.bytes.back.\(name)", unit: "B", Samples(rate.bytesBack)))
    }
}
