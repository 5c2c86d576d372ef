// `run`: the traffic of a profile through a cluster.

import ArgumentParser
import Traffic

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open flows through a cluster, let them live and end, and report.",
        discussion: """
            Flows begin open-loop: at their intended times, whatever becomes of earlier ones. \
            Latencies count from those times.

            Example: hyperplane-traffic run --tenant acme --nat-gateway main --flows 20000 \
            --seconds 10 --json report.json
            """)

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Load") var load: LoadOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    @OptionGroup(title: "Output") var capture: CaptureOptions

    mutating func run() async throws {
        try output.check()
        let plan = try load.plan()
        let source = try await cluster.source()
        var loop = try TrafficLoop.make(
            plan, source, display: LiveDisplay(isQuiet: output.quiet), pcap: capture.pcap)
        var report = try loop.run(command: "run")
        await report.addCounters(of: source.topology.nodes)
        try ReportOutput(report, output).deliver()
    }
}
