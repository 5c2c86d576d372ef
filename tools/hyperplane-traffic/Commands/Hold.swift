// `hold`: many flows open at once, each proven alive at the end.

import ArgumentParser
import LinuxIO
import Traffic

struct Hold: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open flows, keep them all open, and prove every one alive by its nonce.",
        discussion: """
            All flows are opened in the ramp, stay open together for --seconds, and then send their \
            last request in the order in which they were opened. A flow without an answer to it, \
            or with the answer of another, fails the run.

            With --kill-node, --pause-node or --under-faults, the flows send --packet-rate requests \
            a second while they are held, and --new-rate new ones begin: the run passes if no flow \
            breaks and no bucket is without answers for longer than 200 ms.

            With --during, an operator's commands run meanwhile; flows of targets named with \
            --killed may break, no others.

            Example: hyperplane-traffic hold --load-balancer web --preset tcp --flows 50000 \
            --seconds 60 --during 'hyperplane target drain 10.0.8.4:8080'
            """)

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var capture: CaptureOptions
    @OptionGroup(title: "Faults") var faults: FaultOptions

    @Option(help: "Flows that are open at once.")
    var flows = 10_000

    @Option(help: "Seconds for which all of them are open.")
    var seconds = 30.0

    @Option(help: "Flows opened in a second.")
    var rate = 5000.0

    @Option(help: "Seconds between two requests of a flow, below the resource's idle timeouts.")
    var keepAlive = 20.0

    @Option(
        name: [.customLong("profile"), .customLong("preset")],
        help: ArgumentHelp("A preset or profile file.", valueName: "name-or-file"))
    var profile = "udp"

    @Option(help: "Repeats the run with this seed.")
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Run this with the shell while the flows are held; its failure fails the run.",
            valueName: "command"))
    var during: String?

    @Option(
        help: ArgumentHelp(
            "Run it so long after the start, flows open or not. By default a second after all are "
                + "open.", valueName: "seconds"))
    var duringAfter: Double?

    @Option(
        help: ArgumentHelp(
            "Flows of this target may break, since it is killed; may be repeated.",
            valueName: "address:port"))
    var killed: [String] = []

    func validate() throws {
        guard (1...100_000_000).contains(flows) else {
            throw ValidationError("--flows must be 1 to 100000000, not \(flows).")
        }
        guard seconds >= 0, seconds <= 1_000_000, rate >= 1, rate <= 10_000_000 else {
            throw ValidationError("--seconds and --rate must be positive.")
        }
        guard (0...1_000_000).contains(duringAfter ?? 0) else {
            throw ValidationError("--during-after must be 0 to 1000000 seconds.")
        }
        guard keepAlive >= 0.1, keepAlive <= 65_000 else {
            throw ValidationError("--keep-alive must be 0.1 to 65000 seconds.")
        }
    }

    private func plan() throws -> RunPlan {
        let seed = seed ?? RandomSource.uint64() >> 32
        let ramp = max(0.1, Double(flows) / rate)
        let profile = try ProfileFile.find(profile)
        return faults.isWanted
            ? .holdUnderFaults(
                profile, flows: flows, rampSeconds: ramp, seconds: seconds,
                packetsPerSecond: faults.packetRate, newFlowsPerSecond: faults.newRate,
                outageLimitMilliseconds: faults.outageLimit, seed: seed)
            : .hold(
                profile, flows: flows, rampSeconds: ramp, seconds: seconds,
                keepAliveSeconds: keepAlive, seed: seed)
    }

    mutating func run() async throws {
        try output.check()
        var plan = try plan()
        let schedule = faults.isWanted ? try faults.schedule(during) : nil
        plan.killedTargets = Set(killed)
        plan.shares = try cluster.shares()
        let source = try await cluster.source()
        var loop = try TrafficLoop.make(
            plan, source, display: LiveDisplay(isQuiet: output.quiet), pcap: capture.pcap)
        loop.faults = schedule
        var meanwhile =
            faults.isWanted
            ? nil : during.map { Meanwhile($0, afterSeconds: duringAfter ?? plan.seconds + 1) }
        var report = try loop.run(command: "hold")
        loop.faults?.wakeAll()
        meanwhile = meanwhile ?? loop.faults?.meanwhile
        if let meanwhile { report.add(meanwhile.report()) }
        if loop.faults?.isSpent == false { report.fail("the run was too short for its faults") }
        await report.addCounters(of: source.topology)
        report.notes.append(
            Figures.grouped(report.flows.completed) + " of "
                + Figures.grouped(report.flows.established)
                + " established flows were proven alive at the end"
                + (killed.isEmpty
                    ? "" : ", \(Figures.grouped(report.flows.killed)) ended with their target"))
        try ReportOutput(report, output).deliver()
    }
}
