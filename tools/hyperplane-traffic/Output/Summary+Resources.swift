// Of the summary: the resources that were driven, their targets and EIPs, and changes of them.

import Traffic

extension Summary {
    /// Each resource, where there is more than one.
    var resourcesDriven: String {
        guard let resources = report.resources, resources.count > 1 else { return "" }
        let columns = ["established", "refused", "broken", "sent", "received", "lost"]
        return "Resources".padding(to: 28) + columns.map { $0.padded(12) }.joined() + "\n"
            + resources.map { found in
                "  " + found.resource.padding(to: 26)
                    + [
                        found.established, found.refused, found.broken, found.sent,
                        found.received, found.lost,
                    ].map { Figures.grouped($0).padded(12) }.joined() + "\n"
            }.joined()
    }

    var targets: String {
        // A run that registers many has its own figures of them.
        guard let targets = report.targets, !targets.isEmpty, report.registration == nil else {
            return ""
        }
        return "Targets".padding(to: 28) + "flows".padded(12) + "broken".padded(10)
            + "changed".padded(10) + "first and last new flow".padded(28) + "\n"
            + targets.map { target in
                "  " + target.target.padding(to: 26)
                    + Figures.grouped(UInt64(target.flows)).padded(12)
                    + Figures.grouped(UInt64(target.broken)).padded(10)
                    + Figures.grouped(UInt64(target.changed)).padded(10)
                    + span(target.firstFlowAfterSeconds, target.lastFlowAfterSeconds)
                    + (target.isKilled ? "   killed" : "") + "\n"
            }.joined()
    }

    var eips: String {
        guard let eips = report.eips, !eips.isEmpty, report.exhaustion == nil else { return "" }
        return "EIPs".padding(to: 28) + "flows".padded(12) + "broken".padded(10)
            + "first and last new flow".padded(38) + "\n"
            + eips.map { found in
                "  " + found.eip.padding(to: 26)
                    + Figures.grouped(UInt64(found.flows)).padded(12)
                    + Figures.grouped(UInt64(found.broken)).padded(10) + "".padded(10)
                    + span(found.firstFlowAfterSeconds, found.lastFlowAfterSeconds) + "\n"
            }.joined()
    }

    private func span(_ first: Double, _ last: Double) -> String {
        ("after " + Figures.fixed(first, 1) + " s, " + Figures.fixed(last, 1) + " s").padded(28)
    }

    var registration: String {
        guard let found = report.registration else { return "" }
        return "Changes".padding(to: 28) + "count".padded(10) + "p50".padded(12)
            + "p99".padded(12) + "max".padded(12) + "\n"
            + delay("register to first flow", found.firstFlowMilliseconds)
            + delay("to one from every node", found.everyNodeMilliseconds)
            + delay("drain to last new flow", found.lastFlowMilliseconds)
    }

    private func delay(_ name: String, _ delay: RegistrationReport.Delay) -> String {
        "  " + name.padding(to: 26) + "\(delay.count)".padded(10)
            + [delay.p50, delay.p99, delay.max]
            .map { Figures.microseconds($0 * 1000).padded(12) }.joined() + "\n"
    }

    /// What the operator's command did.
    var meanwhile: String {
        guard let found = report.meanwhile else { return "" }
        let status = found.exitStatus.map { "status \($0)" } ?? "not ended"
        return "Meanwhile, after " + Figures.fixed(found.startedAfterSeconds, 1) + " s: "
            + "\(found.command) (\(status), \(Figures.fixed(found.seconds, 1)) s)\n"
    }
}
