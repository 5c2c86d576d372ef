// `selftest`: the generator against a perfect translator in its own process.

import ArgumentParser
import LinuxIO
import Traffic
import Wire

struct Selftest: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Run without a cluster, to know the generator's own limit and that it sees faults.",
        discussion: """
            A translator in the same process stands in the cluster's place, without sockets: what \
            this run shows, the generator alone can do. With --sockets, loopback is between. With \
            --fault, one wrong thing is done: the \
            verdict must then be FAIL (exit status 1), with that fault among the reasons.
            """)

    @OptionGroup(title: "Load") var load: LoadOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    @Option(
        help: ArgumentHelp(
            "Plant a fault: \(Fault.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "name"))
    var fault: String?

    @Flag(help: "Put UDP sockets on loopback between generator and translator.")
    var sockets = false

    @Flag(help: "Begin all flows at once, to see how many can be begun in a second.")
    var limit = false

    func validate() throws {
        if let fault, Fault(rawValue: fault) == nil {
            throw ValidationError(
                "--fault \(fault) is none of "
                    + Fault.allCases.map(\.rawValue).joined(separator: ", ") + ".")
        }
    }

    mutating func run() throws {
        try output.check()
        Interruption.observe()
        var plan = try load.plan()
        if limit {
            plan.seconds = 0.1
            plan.profile.criteria.minimumRateFraction = 0
        }
        let topology = try RunFailure.wrapping { () throws(TopologyError) in
            try Topology(.selftest(), selection: Selection())
        }
        let fault = fault.flatMap(Fault.init)
        var (report, isPlanted) =
            sockets
            ? try runOverSockets(plan, topology, fault) : try runInMemory(plan, topology, fault)
        if let fault { try note(&report, fault, isPlanted: isPlanted) }
        try ReportOutput(report, output).deliver()
    }

    private func runOverSockets(
        _ plan: RunPlan, _ topology: Topology, _ fault: Fault?
    ) throws -> (RunReport, isPlanted: Bool) {
        let translator = TranslatorThread()
        try translator.start(topology, capacity: plan.flows + 16, fault: fault)
        defer { translator.stop() }
        var loop = try TrafficLoop.make(
            plan, TopologySource(topology: topology, feed: nil),
            display: LiveDisplay(isQuiet: output.quiet), pcap: nil)
        return (try loop.run(command: "selftest --sockets"), translator.faultIsPlanted)
    }

    private func runInMemory(
        _ plan: RunPlan, _ topology: Topology, _ fault: Fault?
    ) throws -> (RunReport, isPlanted: Bool) {
        let display = LiveDisplay(isQuiet: output.quiet)
        var loop = try RunFailure.wrapping { () throws(TopologyError) in
            try SelftestLoop(plan, topology, fault: fault, start: MonotonicClock.now())
        }
        var progress = Progress(display: display, start: MonotonicClock.now())
        while !loop.engine.isDone, !Interruption.isRequested {
            let now = MonotonicClock.now()
            let isBusy = loop.step(now)
            progress.update(now, &loop.engine)
            if !isBusy { pause(loop.engine.nextDue(after: now, limitNanoseconds: 1_000_000)) }
        }
        display.end()
        let report = loop.engine.finish(
            MonotonicClock.now(), command: "selftest", generatorOverflow: 0)
        return (report, loop.translator.faultIsPlanted)
    }

    private func pause(_ due: Tick) {
        let now = MonotonicClock.now()
        if due - now > 50_000 { Terminal.sleep(microseconds: UInt32((due - now) / 1000)) }
    }

    /// A planted fault makes the run fail, as it must; what matters is that it is reported.
    private func note(_ report: inout RunReport, _ fault: Fault, isPlanted: Bool) throws {
        guard isPlanted else {
            throw RunFailure("the run was too short to plant \(fault.rawValue) in")
        }
        let count = fault.count(in: report)
        report.notes.append(
            "planted: \(fault.rawValue); " + (count > 0 ? "reported" : "NOT REPORTED"))
    }
}
