// What became of each case.

public import Wire

extension CaseEngine {
    /// The report at the end of the run. Trials that are still under way have failed.
    public mutating func finish(
        _ now: Tick, command: String, generatorOverflow: UInt64, stallNanoseconds: UInt64 = 0
    ) -> RunReport {
        for index in trials.indices where trials[index].state == .running {
            fail(index, "the run was stopped")
        }
        let seconds = max(Double(now - start) / 1e9, 1e-9)
        let cases = caseReports()
        var report = RunReport(
            command: command, profile: suite.name, seed: seed, seconds: seconds)
        report.cases = cases
        report.flows.attempted = counters.attempted
        report.flows.established = counters.established
        report.flows.completed = counters.completed
        report.packets.sent = counters.sent
        report.packets.received = counters.received
        report.packets.generatorOverflow = generatorOverflow
        report.packets.malformed = counters.malformed
        report.packets.late = counters.late
        report.packets.unexpected = counters.unexpected
        report.packets.leaked = counters.leaked
        report.generatorStallMilliseconds = Double(stallNanoseconds) / 1e6
        report.perNode = NodeCounters.reports(nodeCounters, topology, seconds: seconds)
        report.failures = cases.flatMap(\.failures) + report.leakFailures
        report.verdict = report.failures.isEmpty ? .pass : .fail
        return report
    }

    private func caseReports() -> [CaseReport] {
        var reports = suite.cases.map { CaseReport(name: $0.name) }
        for trial in trials {
            switch trial.state {
            case .waiting: break
            case .running: break
            case .passed:
                reports[trial.scenario].sent += 1
                reports[trial.scenario].ok += 1
            case .failed(let reason):
                reports[trial.scenario].sent += 1
                reports[trial.scenario].failed += 1
                reports[trial.scenario].note(reason)
            }
        }
        return reports
    }
}
