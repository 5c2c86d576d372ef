// `run`: the traffic of a profile through a cluster.

import ArgumentParser
import Traffic

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open flows through a cluster, let them live and end, and report.",
        discussion: """
            Flows begin open-loop: at their intended times, whatever becomes of earlier ones. \
            Latencies count from those times.

            The presets fragments, errors, pmtu, states, invalid and expiry are suites of cases \
            instead: scripts of single packets, each held against what must come of it. With them, --flows \
            is how many flows they are played on in all.

            Example: hyperplane-traffic run --tenant acme --nat-gateway main --flows 20000 \
            --seconds 10 --json report.json
            """)

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Load") var load: LoadOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    @OptionGroup(title: "Output") var capture: CaptureOptions

    @Flag(help: "Nothing is done to the nodes meanwhile: fail if a view changes.")
    var steady = false

    mutating func run() async throws {
        try output.check()
        if let suite = CaseSuite.named(load.profile) { return try await play(suite) }
        var plan = try load.plan()
        plan.shares = try cluster.shares()
        if steady { plan.profile.criteria.maximumViewChanges = 0 }
        let source = try await cluster.source()
        var loop = try TrafficLoop.make(
            plan, source, display: LiveDisplay(isQuiet: output.quiet), pcap: capture.pcap)
        var report = try loop.run(command: "run")
        await report.addCounters(of: source.topology)
        try ReportOutput(report, output).deliver()
    }

    private func play(_ suite: CaseSuite) async throws {
        let source = try await cluster.source()
        let flows = load.flows ?? 8 * suite.caseNames.count
        var loop = try CaseLoop.make(
            suite, repetitions: max(1, flows / suite.caseNames.count), source,
            seed: load.chosenSeed, pcap: capture.pcap)
        var report = try loop.run()
        await report.addCounters(of: source.topology)
        try ReportOutput(report, output).deliver()
    }
}
