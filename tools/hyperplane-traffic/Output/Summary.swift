// The summary at a run's end: a table for people.

import Traffic

struct Summary {
    let report: RunReport

    init(_ report: RunReport) { self.report = report }

    var text: String {
        let sections =
            report.cases != nil
            ? [title, cases, nodes, balance, notes, verdict]
            : [
                title, flows, resourcesDriven, targets, eips, registration, exhaustion, meanwhile,
                packets, latencies, faults, steering, outage,
                nodes, balance,
                notes,
                verdict,
            ]
        return sections.filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
    }

    func row(_ name: String, _ value: String, _ comment: String = "") -> String {
        "  " + name.padding(to: 26) + value.padded(14) + (comment.isEmpty ? "" : "   " + comment)
            + "\n"
    }

    func count(_ name: String, _ value: UInt64, isFault: Bool = false) -> String {
        row(name, Figures.grouped(value), isFault && value > 0 ? "<-- fault" : "")
    }

    private var title: String {
        "\(report.command): profile \(report.profile), "
            + "\(Figures.fixed(report.seconds, 1)) s, seed \(report.seed)\n"
    }

    private var flows: String {
        let flows = report.flows
        return "Flows\n" + count("attempted", flows.attempted)
            + row(
                "established", Figures.grouped(flows.established),
                Figures.scaled(report.rate.newFlowsPerSecond) + "/s")
            + count("refused", flows.refused) + count("broken", flows.broken, isFault: true)
            + (flows.killed > 0 ? count("killed with their target", flows.killed) : "")
            + count("misdelivered", flows.misdelivered, isFault: true)
            + count("duplicate translations", flows.duplicateTranslations, isFault: true)
            + count("changed target", flows.changedTarget, isFault: true)
            + count("changed translation", flows.changedTranslation, isFault: true)
            + count("wrong translation", flows.wrongTranslation, isFault: true)
            + (flows.unfinished > 0 ? count("unfinished", flows.unfinished, isFault: true) : "")
    }

    private var exhaustion: String {
        guard let found = report.exhaustion else { return "" }
        return "Ports to \(found.destination)\n"
            + row(
                "in use at once", Figures.grouped(UInt64(found.held)),
                "of " + Figures.grouped(UInt64(found.expected)))
            + count("proven alive", UInt64(found.proven))
            + found.perEIP.map { count($0.address, UInt64($0.ports)) }.joined()
            + row("in a bucket", "\(found.leastOfABucket)-\(found.mostOfABucket)")
            + stages + bystanders(found.bystanders)
    }

    private var stages: String {
        let header =
            "Stages".padding(to: 28)
            + ["established", "refused", "too early", "ICMP 3/1", "proven", "seconds", "setup p99"]
            .map { $0.padded($0.count + 3) }.joined() + "\n"
        return header
            + (report.stages ?? []).map { stage in
                "  " + stage.name.padding(to: 26)
                    + Figures.grouped(UInt64(stage.established)).padded(14)
                    + Figures.grouped(UInt64(stage.refused)).padded(10)
                    + Figures.grouped(UInt64(stage.refusedWhilePortsWereLeft)).padded(12)
                    + Figures.grouped(UInt64(stage.refusals.hostUnreachable)).padded(11)
                    + Figures.grouped(UInt64(stage.proven)).padded(9)
                    + Figures.fixed(stage.seconds, 1).padded(10)
                    + Figures.microseconds(stage.setupLatencyMicroseconds.p99).padded(12) + "\n"
            }.joined()
    }

    private func bystanders(_ found: ExhaustionReport.Bystanders) -> String {
        guard found.flows > 0 else { return "" }
        return "Meanwhile to \(found.destination)\n"
            + row("flows", "\(found.established)", "of \(found.flows), \(found.broken) broken")
            + row(
                "requests answered", Figures.grouped(UInt64(found.answered)),
                "of " + Figures.grouped(UInt64(found.requests)))
            + row("longest outage", Figures.fixed(found.longestOutageMilliseconds, 1) + " ms")
    }

    /// Each case, and why it failed.
    private var cases: String {
        guard let cases = report.cases else { return "" }
        let width = (cases.map(\.name.count).max() ?? 0) + 2
        let header =
            "Case".padding(to: width + 2) + "sent".padded(6) + "ok".padded(6) + "failed".padded(8)
        return header + "\n"
            + cases.map { found in
                "  " + found.name.padding(to: width) + "\(found.sent)".padded(6)
                    + "\(found.ok)".padded(6) + "\(found.failed)".padded(8)
                    + (found.failed > 0 ? "   <-- fault" : "") + "\n"
                    + found.problems.map { "      \($0)\n" }.joined()
            }.joined()
    }

    private var packets: String {
        let packets = report.packets
        let rate =
            Figures.scaled(report.rate.packetsPerSecond) + "/s, "
            + Figures.scaled(report.rate.bitsPerSecond) + "bit/s"
        let loss = Double(packets.lost) / Double(max(packets.sent, 1))
        return "Packets\n" + count("sent", packets.sent)
            + row("received", Figures.grouped(packets.received), rate)
            + (report.exhaustion == nil ? "" : count("refused", packets.refused))
            + row("lost", Figures.grouped(packets.lost), Figures.fixed(loss * 100, 4) + " %")
            + (packets.duplicated > 0 ? count("duplicated", packets.duplicated) : "")
            + (packets.leaked > 0
                ? count("leaked untranslated", packets.leaked, isFault: true) : "")
            + count("bad checksum", packets.badChecksum, isFault: true)
            + count("generator overflow", packets.generatorOverflow)
            + (packets.repeated > 0 ? count("repeated", packets.repeated) : "")
    }

    private var latencies: String {
        let header =
            "Latency" + "".padding(to: 21)
            + ["p50", "p90", "p99", "p99.9", "max"]
            .map { $0.padded(11) }.joined() + "\n"
        return header + latency("setup", report.setupLatencyMicroseconds)
            + latency("round trip", report.roundTripMicroseconds)
            + latency("of which sent late", report.generatorLatenessMicroseconds)
    }

    private func latency(_ name: String, _ value: RunReport.Latency) -> String {
        guard value.count > 0 else { return "" }
        let figures = [value.p50, value.p90, value.p99, value.p999, value.max]
        return "  " + name.padding(to: 26)
            + figures.map { Figures.microseconds($0).padded(11) }.joined() + "\n"
    }

    private var outage: String {
        guard report.exhaustion == nil else { return "" }
        let longest = Figures.fixed(report.longestOutageMilliseconds, 1) + " ms"
        let resolution = Figures.fixed(report.outageResolutionMilliseconds, 1) + " ms"
        return "Longest outage of a bucket: \(longest) (to \(resolution))"
            + (report.outageBucket.map { ", \($0)" } ?? "") + "\n"
            + "Longest stall of the generator: "
            + Figures.fixed(report.generatorStallMilliseconds, 1) + " ms\n"
    }

    private var nodes: String {
        "Nodes".padding(to: 28) + "sent".padded(12) + "received".padded(12) + "share".padded(9)
            + "p50".padded(11) + "p99".padded(11) + "\n"
            + report.perNode.map { node in
                "  " + node.name.padding(to: 26) + Figures.grouped(node.packetsSent).padded(12)
                    + Figures.grouped(node.packetsReceived).padded(12)
                    + Figures.percent(node.share).padded(9)
                    + Figures.microseconds(node.roundTripMicroseconds.p50).padded(11)
                    + Figures.microseconds(node.roundTripMicroseconds.p99).padded(11) + "\n"
            }.joined()
    }

    private var balance: String {
        guard let nodes = report.balance, !nodes.isEmpty else { return "" }
        let header =
            "Nodes' own count".padding(to: 28) + "in".padded(12) + "out".padded(12)
            + "parked".padded(9) + "dropped".padded(11) + "\n"
        return header
            + nodes.map { node in
                "  " + node.node.padding(to: 26) + Figures.grouped(node.packetsIn).padded(12)
                    + Figures.grouped(node.packetsOut).padded(12)
                    + Figures.grouped(node.packetsParked).padded(9)
                    + Figures.grouped(node.packetsDropped).padded(11) + "\n" + drops(node.drops)
            }.joined() + resources
    }

    /// The same by resource.
    private var resources: String {
        guard let resources = report.perResource, !resources.isEmpty else { return "" }
        return "By resource\n"
            + resources.map { resource in
                "  " + (resource.name ?? resource.resource).padding(to: 26)
                    + Figures.grouped(resource.packetsIn).padded(12)
                    + Figures.grouped(resource.packetsOut).padded(12)
                    + Figures.grouped(resource.packetsDropped).padded(20) + "\n"
                    + drops(resource.drops)
            }.joined()
    }

    private func drops(_ drops: [NodeBalance.Drop]) -> String {
        drops.map { drop in
            "    \(drop.reason)".padding(to: 28) + Figures.grouped(drop.packets).padded(44) + "\n"
        }.joined()
    }

    private var notes: String { report.notes.map { "Note: \($0)\n" }.joined() }

    private var verdict: String {
        report.verdict.rawValue + "\n" + report.failures.map { "  \($0)\n" }.joined()
    }
}
