// The report for people, as one page that needs nothing else: no scripts, no fonts, no network.

import Traffic

struct HTMLReport {
    private let report: RunReport

    init(_ report: RunReport) { self.report = report }

    var text: String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(report.verdict.rawValue): hyperplane-traffic \(report.command)</title>
        <style>\(Self.style)</style></head><body><main>
        \(header)
        \(ReportPlots(report).figures)
        \(ReportTables(report).tables)
        </main></body></html>

        """
    }

    private var header: String {
        let reasons = (report.failures + report.notes).map { "<li>\(HTML.escape($0))</li>" }
        return """
            <h1><span class="verdict \(report.verdict.rawValue)">\(report.verdict.rawValue)</span> \
            hyperplane-traffic \(report.command)</h1>
            <p>Profile <b>\(HTML.escape(report.profile))</b>, \
            \(Figures.fixed(report.seconds, 1)) s, seed \(report.seed). \
            \(Figures.grouped(report.flows.established)) of \
            \(Figures.grouped(report.flows.attempted)) flows established, \
            \(Figures.counted(report.rate.newFlowsPerSecond)) new flows/s, \
            \(Figures.counted(report.rate.packetsPerSecond)) packets/s, \
            \(Figures.scaled(report.rate.bitsPerSecond))bit/s.</p>
            \(reasons.isEmpty ? "" : "<ul>\(reasons.joined())</ul>")
            """
    }

    private static let style = """
        :root { color-scheme: light dark; --ink: #1d2433; --paper: #ffffff; --faint: #d9dee8;
          --soft: #5b6577; --c0: #2563c9; --c1: #d9722b; --c2: #1d8a5f; --good: #1d8a5f;
          --bad: #c62f3b; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e4e8f0; --paper: #14181f;
          --faint: #333b49; --soft: #9aa5b8; --c0: #6ea2f5; --c1: #f09a5a; --c2: #52c294;
          --good: #52c294; --bad: #f0717b; } }
        body { background: var(--paper); color: var(--ink); margin: 0;
          font: 15px/1.5 system-ui, sans-serif; }
        main { max-width: 1360px; margin: 0 auto; padding: 24px; }
        h1 { font-size: 22px; } h2 { font-size: 16px; margin: 28px 0 6px; }
        .verdict { color: #fff; border-radius: 4px; padding: 2px 10px; }
        .PASS { background: var(--good); } .FAIL { background: var(--bad); }
        .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(440px, 1fr));
          gap: 16px; }
        figure { margin: 0; } figcaption { font-weight: 600; }
        svg { width: 100%; height: auto; }
        .grid { stroke: var(--faint); } .tick { fill: var(--soft); font-size: 12px; }
        .line { fill: none; stroke-width: 2; }
        .s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); }
        .k0 { background: var(--c0); } .k1 { background: var(--c1); } .k2 { background: var(--c2); }
        .key { display: inline-block; width: 12px; height: 12px; border-radius: 2px;
          margin-right: 6px; vertical-align: -1px; }
        .legend { margin: 0 0 0 70px; color: var(--soft); }
        .bar { background: var(--c0); height: 12px; border-radius: 2px; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        td, th { padding: 3px 14px 3px 0; text-align: right; border-bottom: 1px solid var(--faint); }
        td:first-child, th:first-child { text-align: left; } th { color: var(--soft); }
        .fault { color: var(--bad); font-weight: 600; }
        """
}
