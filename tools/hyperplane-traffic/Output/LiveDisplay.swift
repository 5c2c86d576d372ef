// Progress while a run goes on: one line, redrawn each second, on a terminal only.

import Glibc
import Traffic
import Wire

struct LiveDisplay {
    private let isShown: Bool

    /// Progress goes to standard error, so that standard output holds nothing but the summary.
    init(isQuiet: Bool) { isShown = !isQuiet && Terminal.outputIsTerminal }

    func show(_ sample: ReportSample, _ status: LiveStatus) {
        guard isShown else { return }
        let parts = [
            Figures.fixed(sample.seconds, 0).padded(5) + " s",
            Figures.scaled(sample.newFlowsPerSecond).padded(7) + " flows/s",
            Figures.scaled(sample.packetsPerSecond).padded(7) + " packets/s",
            Figures.scaled(sample.bitsPerSecond).padded(7) + "bit/s",
            Figures.grouped(UInt64(sample.liveFlows)).padded(9) + " live",
            "p50 " + Figures.microseconds(sample.p50Microseconds).padded(8),
            "p99 " + Figures.microseconds(sample.p99Microseconds).padded(8),
            Figures.grouped(status.underWay) + " under way or lost",
            status.faults == 0 ? "no fault" : "\(status.faults) FAULTS",
        ]
        Terminal.write("\r\u{1B}[K" + parts.joined(separator: "  "), to: STDERR_FILENO)
    }

    /// Clears the line.
    func end() {
        if isShown { Terminal.write("\r\u{1B}[K", to: STDERR_FILENO) }
    }
}

/// Takes a sample each second and shows it.
struct Progress {
    private let display: LiveDisplay
    private var next: Tick

    init(display: LiveDisplay, start: Tick) {
        self.display = display
        next = start + 1_000_000_000
    }

    /// True if a second was over.
    @discardableResult
    mutating func update(_ now: Tick, _ engine: inout TrafficEngine) -> Bool {
        guard now >= next else { return false }
        next = next + 1_000_000_000
        let sample = engine.sample(now)
        display.show(sample, engine.status)
        return true
    }
}
