// `exhaust`: every port that a NAT gateway has for one destination, in use at once.

import ArgumentParser
import LinuxIO
import Traffic

struct Exhaust: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Use up a NAT gateway's ports for one destination, and prove each flow alive.",
        discussion: """
            Opens flows to one destination until every bucket refuses, counts them by EIP, has each \
            prove by its nonce that it is alive, and ends them: TCP flows are closed, others idle \
            out. Passes only if every port of every EIP was in use at once.

            Example: hyperplane-traffic exhaust --tenant acme --nat-gateway main --protocol tcp
            """)

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var capture: CaptureOptions

    @Option(help: "udp, tcp or icmp.")
    var `protocol` = "udp"

    @Option(help: "Flows opened in a second.")
    var rate = 4000.0

    @Option(help: "Repeats the run with this seed.")
    var seed: UInt64?

    func validate() throws {
        guard shares != nil else {
            throw ValidationError("--protocol must be udp, tcp or icmp, not '\(`protocol`)'.")
        }
        guard rate >= 1, rate <= 1_000_000 else {
            throw ValidationError("--rate must be 1 to 1000000, not \(rate).")
        }
    }

    private var shares: ProtocolShares? {
        switch `protocol` {
        case "udp": ProtocolShares(udp: 1)
        case "tcp": ProtocolShares(udp: 0, tcp: 1)
        case "icmp": ProtocolShares(udp: 0, icmp: 1)
        default: nil
        }
    }

    mutating func run() async throws {
        try output.check()
        let source = try await cluster.source()
        let topology = source.topology
        guard topology.services.count == 1, let gateway = topology.services.first,
            gateway.kind == .natGateway
        else {
            throw RunFailure("exhaust wants exactly one NAT gateway; name it with --nat-gateway")
        }
        // Half as many flows again as there are ports: buckets fill unevenly.
        let flows = topology.portsPerEIP * gateway.eips.count * 3 / 2 + 4096
        let plan = RunPlan.exhaust(
            shares ?? ProtocolShares(), flows: flows, flowsPerSecond: rate,
            seed: seed ?? RandomSource.uint64() >> 32)
        var loop = try TrafficLoop.make(
            plan, source, display: LiveDisplay(isQuiet: output.quiet), pcap: capture.pcap)
        let ports = topology.portsPerEIP * gateway.eips.count
        var report = try loop.exhaust(proofSeconds: Double(ports) / rate)
        await report.addCounters(of: topology.nodes)
        try ReportOutput(report, output).deliver()
    }
}
