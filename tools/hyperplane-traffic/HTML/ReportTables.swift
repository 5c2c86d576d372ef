// The figures of the report in tables.

import Traffic

struct ReportTables {
    private let report: RunReport

    init(_ report: RunReport) { self.report = report }

    var tables: String {
        cases + "<h2>Nodes</h2>" + nodes + "<h2>Latency</h2>" + latency + "<h2>Flows</h2>" + flows
            + targets + "<h2>Packets</h2>" + packets + exhaustion + "<h2>Outage</h2>" + outage
    }

    private func table(_ heads: [String], _ rows: [[String]]) -> String {
        let head = heads.isEmpty ? "" : "<tr>\(heads.map { "<th>\($0)</th>" }.joined())</tr>"
        let body = rows.map { "<tr>\($0.map { "<td>\($0)</td>" }.joined())</tr>" }
        return "<table>\(head)\(body.joined())</table>"
    }

    private var cases: String {
        guard let cases = report.cases else { return "" }
        return "<h2>Cases</h2>"
            + table(
                ["case", "sent", "ok", "failed", "why"],
                cases.map { found in
                    [
                        HTML.escape(found.name), "\(found.sent)", "\(found.ok)",
                        found.failed > 0 ? "<span class=\"fault\">\(found.failed)</span>" : "0",
                        found.problems.map(HTML.escape).joined(separator: "<br>"),
                    ]
                })
    }

    private var nodes: String {
        let most = report.perNode.map(\.share).max() ?? 1
        return table(
            ["node", "sent", "received", "share", "", "p50", "p99"],
            report.perNode.map { node in
                let width = Figures.fixed(node.share / max(most, 1e-9) * 160, 0)
                return [
                    HTML.escape(node.name), Figures.grouped(node.packetsSent),
                    Figures.grouped(node.packetsReceived), Figures.percent(node.share),
                    "<div class=\"bar\" style=\"width:\(width)px\"></div>",
                    Figures.microseconds(node.roundTripMicroseconds.p50),
                    Figures.microseconds(node.roundTripMicroseconds.p99),
                ]
            })
    }

    private var latency: String {
        let rows = [
            ("setup", report.setupLatencyMicroseconds),
            ("round trip", report.roundTripMicroseconds),
            ("of which sent late", report.generatorLatenessMicroseconds),
        ]
        return table(
            ["", "p50", "p90", "p99", "p99.9", "max", "count"],
            rows.map { name, value in
                [name]
                    + [value.p50, value.p90, value.p99, value.p999, value.max]
                    .map(Figures.microseconds) + [Figures.grouped(value.count)]
            })
    }

    private func counts(_ rows: [(String, UInt64, isFault: Bool)]) -> String {
        table(
            [],
            rows.map { name, value, isFault in
                let figure = Figures.grouped(value)
                return [
                    name, isFault && value > 0 ? "<span class=\"fault\">\(figure)</span>" : figure,
                ]
            })
    }

    private var flows: String {
        let flows = report.flows
        return counts([
            ("attempted", flows.attempted, false), ("established", flows.established, false),
            ("completed", flows.completed, false), ("refused", flows.refused, false),
            ("broken", flows.broken, true), ("misdelivered", flows.misdelivered, true),
            ("duplicate translations", flows.duplicateTranslations, true),
            ("changed target", flows.changedTarget, true),
            ("changed translation", flows.changedTranslation, true),
            ("wrong translation", flows.wrongTranslation, true),
            ("unfinished", flows.unfinished, true), ("borrowed ports", flows.borrowedPorts, false),
        ])
    }

    private var packets: String {
        let packets = report.packets
        return counts([
            ("sent", packets.sent, false), ("received", packets.received, false),
            ("duplicated", packets.duplicated, false), ("lost", packets.lost, false),
            ("refused", packets.refused, false), ("leaked untranslated", packets.leaked, true),
            ("bad checksum", packets.badChecksum, true), ("malformed", packets.malformed, true),
            ("generator overflow", packets.generatorOverflow, false),
            ("made by nodes", packets.madeByNodes, false), ("late", packets.late, false),
            ("unexpected", packets.unexpected, false),
            ("bad TCP numbers", packets.badTCPNumbers, true),
            ("repeated", packets.repeated, false), ("relayed", packets.relayed, false),
        ])
    }

    private var exhaustion: String {
        guard let found = report.exhaustion else { return "" }
        let rows =
            [
                ("in use at once", found.held), ("expected", found.expected),
                ("proven alive", found.proven),
            ] + found.perEIP.map { ($0.address, $0.ports) }
            + [("requests elsewhere, answered", found.bystanders.answered)]
        return "<h2>Ports to \(HTML.escape(found.destination))</h2>"
            + counts(rows.map { (HTML.escape($0), UInt64($1), false) }) + stages
    }

    private var stages: String {
        table(
            ["stage", "EIPs", "established", "refused", "of which ICMP 3/1", "proven", "seconds"],
            (report.stages ?? []).map { stage in
                [
                    HTML.escape(stage.name), "\(stage.eips)",
                    Figures.grouped(UInt64(stage.established)),
                    Figures.grouped(UInt64(stage.refused)),
                    Figures.grouped(UInt64(stage.refusals.hostUnreachable)),
                    Figures.grouped(UInt64(stage.proven)), Figures.fixed(stage.seconds, 1),
                ]
            })
    }

    private var targets: String {
        guard let targets = report.targets else { return "" }
        return "<h2>Targets</h2>"
            + table(
                ["target", "flows", "broken", "changed", ""],
                targets.map { target in
                    [
                        HTML.escape(target.target), Figures.grouped(UInt64(target.flows)),
                        "\(target.broken)", "\(target.changed)", target.isKilled ? "killed" : "",
                    ]
                })
    }

    private var outage: String {
        table(
            [],
            [
                [
                    "longest of a bucket",
                    Figures.fixed(report.longestOutageMilliseconds, 1) + " ms",
                    "to " + Figures.fixed(report.outageResolutionMilliseconds, 1) + " ms",
                    HTML.escape(report.outageBucket ?? ""),
                ],
                [
                    "longest stall of the generator",
                    Figures.fixed(report.generatorStallMilliseconds, 1) + " ms", "", "",
                ],
            ])
    }
}
