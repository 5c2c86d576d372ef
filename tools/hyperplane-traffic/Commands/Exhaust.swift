// `exhaust`: every port that a NAT gateway has for one destination, in use at once.

import ArgumentParser
import Configuration
import ControlClient
import LinuxIO
import Traffic
import Wire

struct Exhaust: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Use up a NAT gateway's ports for one destination, and prove each flow alive.",
        discussion: """
            Opens flows to one destination until every bucket refuses and goes on refusing, counts them by EIP, has each \
            prove by its nonce that it is alive, and ends them: TCP flows are closed, others idle \
            out. Passes only if every port of every EIP was in use at once, no flow more, and flows \
            to another destination noticed nothing.

            Example: hyperplane-traffic exhaust --nat-gateway main \
            --destination 198.51.100.7:443/tcp --json e.json
            """)

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var capture: CaptureOptions

    @Option(
        help: ArgumentHelp(
            "Where the flows go: 198.51.100.7:443/tcp, 198.51.100.7:53/udp, 198.51.100.7/icmp.",
            valueName: "address:port/protocol"))
    var destination = "198.51.100.1:7/udp"

    @Option(
        help: ArgumentHelp(
            "Then give the gateway this EIP too, live, and open as many flows again; may be "
                + "repeated.", valueName: "address"))
    var thenAddEip: [String] = []

    @Option(help: "Flows to the next address that go on throughout.")
    var bystanders = 16

    @Option(help: "At the end, end so many flows and open as many on their ports.")
    var reuse = 0

    @Option(
        help: ArgumentHelp(
            "Seconds between the two. By default those after which the gateway forgets ended "
                + "flows.", valueName: "seconds"))
    var reuseAfter: Double?

    @Option(
        help: ArgumentHelp(
            "Buckets that refuse are asked again until none has given a port for so long.",
            valueName: "seconds"))
    var giveUpAfter = 2.0

    @Option(help: "Flows opened in a second.")
    var rate = 4000.0

    @Option(help: "Repeats the run with this seed.")
    var seed: UInt64?

    func validate() throws {
        guard Destination(destination) != nil else {
            throw ValidationError(
                "--destination must look like 198.51.100.7:443/tcp, not '\(destination)'.")
        }
        guard rate >= 1, rate <= 1_000_000 else {
            throw ValidationError("--rate must be 1 to 1000000, not \(rate).")
        }
        guard (0...1000).contains(bystanders), (0...60_000).contains(reuse) else {
            throw ValidationError("--bystanders must be 0 to 1000 and --reuse 0 to 60000.")
        }
        guard (0.5...600).contains(giveUpAfter) else {
            throw ValidationError("--give-up-after must be 0.5 to 600 seconds.")
        }
        for address in thenAddEip where IPv4Address(address) == nil {
            throw ValidationError("--then-add-eip wants an IPv4 address, not '\(address)'.")
        }
        guard thenAddEip.isEmpty || cluster.snapshot == nil else {
            throw ValidationError("--then-add-eip wants a placement service, not a --snapshot.")
        }
    }

    mutating func run() async throws {
        try output.check()
        guard let destination = Destination(destination) else { return }
        let source = try await cluster.source()
        let topology = source.topology
        guard topology.services.count == 1, let gateway = topology.services.first,
            gateway.kind == .natGateway
        else {
            throw RunFailure("exhaust wants exactly one NAT gateway; name it with --nat-gateway")
        }
        let script = script(gateway, topology, destination)
        let plan = RunPlan.exhaust(
            destination.shares,
            ExhaustedDestination(
                address: destination.address, port: destination.port, bystanders: bystanders,
                giveUpAfterNanoseconds: UInt64(giveUpAfter * 1e9)),
            flows: script.flows(forEIPs: gateway.eips.count + thenAddEip.count) + reuse,
            flowsPerSecond: rate, seed: seed ?? RandomSource.uint64() >> 32)
        var loop = try TrafficLoop.make(
            plan, source, display: LiveDisplay(isQuiet: output.quiet), pcap: capture.pcap)
        var report = try await loop.exhaust(script)
        await report.addCounters(of: topology)
        try ReportOutput(report, output).deliver()
    }

    private func script(
        _ gateway: Service, _ topology: Topology, _ destination: Destination
    ) -> ExhaustScript {
        let id = Identifier(.natGateway, gateway.id.rawValue)
        let placement = cluster.placement
        return ExhaustScript(
            portsPerEIP: topology.portsPerEIP, flowsPerSecond: rate, eips: thenAddEip,
            add: { address in
                let control = try ControlClient(url: placement, actor: "hyperplane-traffic")
                let owner = try await control.show(API.NATGateway.self, id)
                let vpc = try await control.show(API.VPC.self, owner.vpc)
                let known = try await control.list(API.EIP.self, where: ["address": address])
                let eip =
                    if let eip = known.first(where: { $0.address == address }) { eip } else {
                        try await control.create(
                            API.EIP.self, .init(tenant: vpc.tenant, address: address))
                    }
                _ = try await control.addEIP(eip.id, to: id)
            },
            reuse: reuse,
            reuseAfterSeconds: reuseAfter ?? gateway.forgetsAfterSeconds(destination.ipProtocol))
    }
}

/// `ADDRESS:PORT/PROTOCOL`, as the command line has it.
private struct Destination {
    var address: IPv4Address
    var port: Port
    var ipProtocol: IPProtocol

    init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let place = halves[0].split(separator: ":", omittingEmptySubsequences: false)
        guard let first = place.first, let address = IPv4Address(String(first)) else { return nil }
        self.address = address
        port = Port(0)
        switch halves[1] {
        case "icmp" where place.count == 1:
            ipProtocol = .icmp
            return
        case "tcp": ipProtocol = .tcp
        case "udp": ipProtocol = .udp
        default: return nil
        }
        guard place.count == 2, let number = UInt16(place[1]), number > 0 else { return nil }
        port = Port(number)
    }

    var shares: ProtocolShares {
        ProtocolShares(
            udp: ipProtocol == .udp ? 1 : 0, tcp: ipProtocol == .tcp ? 1 : 0,
            icmp: ipProtocol == .icmp ? 1 : 0)
    }
}
