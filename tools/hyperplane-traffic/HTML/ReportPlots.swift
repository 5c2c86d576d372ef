// The plots of the report: what was done over time, and how long it took.

import Traffic

struct ReportPlots {
    private let report: RunReport

    init(_ report: RunReport) { self.report = report }

    var figures: String {
        let plots = [newFlows, packets, latencyOverTime, percentiles].compactMap { $0?.svg }
        return "<div class=\"plots\">\(plots.joined(separator: "\n"))</div>"
    }

    private func overTime(
        _ title: String, _ label: @escaping (Double) -> String, isLogarithmic: Bool = false,
        _ values: [(String, (ReportSample) -> Double)]
    ) -> LinePlot? {
        guard report.timeline.count > 1 else { return nil }
        let series = values.map { name, value in
            Series(name: name, points: report.timeline.map { ($0.seconds, value($0)) })
        }
        let all = series.flatMap { $0.points.map(\.y) }
        return LinePlot(
            title: title, x: .linear(report.timeline.map(\.seconds), ticks: 8),
            y: isLogarithmic ? .logarithmic(all) : .linear(all),
            xLabel: { Figures.fixed($0, $0 == $0.rounded() ? 0 : 1) }, yLabel: label,
            xTitle: "seconds", series: series)
    }

    private var newFlows: LinePlot? {
        overTime("New flows a second", Figures.scaled, [("established", \.newFlowsPerSecond)])
    }

    private var packets: LinePlot? {
        overTime(
            "Packets a second out of the cluster", Figures.scaled,
            [("packets", \.packetsPerSecond)])
    }

    private var latencyOverTime: LinePlot? {
        overTime(
            "Latency over time, setup and round trips", Figures.microseconds, isLogarithmic: true,
            [("p50", \.p50Microseconds), ("p99", \.p99Microseconds)])
    }

    /// Each further nine takes as much room as the one before.
    private var percentiles: LinePlot? {
        let found = report.distribution
        let series = [
            Series(name: "setup", points: points(found.setupMicroseconds)),
            Series(name: "round trip", points: points(found.roundTripMicroseconds)),
        ].filter { $0.points.contains { $0.y > 0 } }
        guard !series.isEmpty else { return nil }
        let marks = [0, 90, 99, 99.9, 99.99]
        return LinePlot(
            title: "Latency by percentile",
            x: .fixed(0...Self.nines(100), ticks: marks.map(Self.nines)),
            y: .logarithmic(series.flatMap { $0.points.map(\.y) }),
            xLabel: { position in
                marks.first { Self.nines($0) == position }.map { "p" + Self.name($0) } ?? ""
            },
            yLabel: Figures.microseconds, xTitle: "percentile", series: series)
    }

    private func points(_ values: [Double]) -> [(x: Double, y: Double)] {
        zip(report.distribution.percentiles, values).map { (Self.nines($0), $1) }
    }

    private static func nines(_ percentile: Double) -> Double {
        Axis.decades(of: max(1 - percentile / 100, 2e-5))
    }

    private static func name(_ percentile: Double) -> String {
        percentile == percentile.rounded() ? "\(Int(percentile))" : "\(percentile)"
    }
}
