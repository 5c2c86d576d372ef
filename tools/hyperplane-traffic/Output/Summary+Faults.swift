// Of the summary: what was done to nodes, what it was held against, and what routers were told.

import Traffic

extension Summary {
    var faults: String {
        guard let found = report.faults else { return "" }
        return "Faults".padding(to: 28)
            + ["after", "flows led", "sent in outage", "outage"]
            .map { $0.padded(16) }.joined() + "\n"
            + found.strikes.map { strike in
                "  " + "\(strike.node) \(strike.what)".padding(to: 26)
                    + (Figures.fixed(strike.afterSeconds, 2) + " s").padded(16)
                    + (Figures.grouped(UInt64(strike.flowsLed)) + " "
                    + Figures.percent(strike.shareOfFlows)).padded(16)
                    + Figures.grouped(UInt64(strike.flowsSentInOutage)).padded(16)
                    + (Figures.fixed(strike.outageMilliseconds, 1) + " ms").padded(16) + "\n"
            }.joined()
            + held(found)
    }

    private func held(_ found: FaultReport) -> String {
        let limits = found.limits
        return row(
            "flows held", Figures.grouped(UInt64(found.flowsHeld)),
            "all open after \(Figures.fixed(found.allOpenAfterSeconds, 2)) s")
            + row(
                "that sent since the fault", Figures.grouped(UInt64(found.flowsSentAfterFault)),
                "of " + Figures.grouped(UInt64(found.flowsAtFault)))
            + row(
                "packets a second", Figures.grouped(UInt64(found.packetsPerSecond)),
                "at least " + Figures.grouped(UInt64(limits.leastPacketsPerSecond)))
            + row(
                "resolution of a bucket",
                Figures.fixed(found.coarsestResolutionMilliseconds, 1) + " ms",
                "at most \(Figures.fixed(limits.coarsestResolutionMilliseconds, 0)) ms")
            + row(
                "longest outage", Figures.fixed(report.longestOutageMilliseconds, 1) + " ms",
                "at most \(Figures.fixed(limits.longestOutageMilliseconds, 0)) ms")
    }

    var steering: String {
        guard let found = report.steering, found.announcements > 0 else { return "" }
        return "Views: \(Figures.grouped(found.announcements)) announcements, "
            + "\(Figures.grouped(found.viewsTaken)) of them new, "
            + "\(Figures.grouped(found.viewChanges)) changes, "
            + "\(Figures.grouped(found.staleHops)) packets passed on\n"
    }
}
