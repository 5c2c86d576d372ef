// `hyperplane explain`: where a packet would go, and why, by the word of the node that leads its
// bucket. Nothing is sent and nothing is decided.

import ArgumentParser
import ControlClient
import Wire

struct ExplainCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Where would this packet go, and why?",
        discussion: """
            hyperplane explain --nat-gateway main --source 10.0.1.5:4000 \
            --destination 198.51.100.1:53/udp

            hyperplane explain --load-balancer web --client 10.0.2.7:5000 --listener tcp/80

            With --inbound the packet is one of the way back: from a remote to an EIP, or from a \
            target to a client. A target that serves several listeners needs --listener too.

            The packet begins a connection, or answers one that begins, unless --tcp-flags or \
            --icmp-type say otherwise.
            """)

    @Option(help: "By this NAT gateway: name or id.")
    var natGateway: String?

    @Option(help: "By this load balancer: name or id.")
    var loadBalancer: String?

    @Option(
        help: "ADDRESS:PORT of the packet's sender; for ICMP the identifier is the port.",
        transform: SocketAddress.init(argument:))
    var source: SocketAddress?

    @Option(
        help: "ADDRESS:PORT/PROTOCOL where the packet goes, or ADDRESS/icmp.",
        transform: PacketDestination.init(argument:))
    var destination: PacketDestination?

    @Option(
        help: "ADDRESS:PORT of a load balancer's client.", transform: SocketAddress.init(argument:))
    var client: SocketAddress?

    @Option(
        help: "PROTOCOL/PORT that the client speaks to.", transform: ListenerPort.init(argument:))
    var listener: ListenerPort?

    @Flag(help: "A packet of the way back.")
    var inbound = false

    @Option(
        help: """
            Where a load balancer's client is: inside or outside, behind an edge. Default: inside \
            if the VPC has its address.
            """)
    var from: ClientPlace?

    @Option(
        help: "VNI of a load balancer's client, in the place of --from.",
        transform: NumberArgument.vni)
    var clientVNI: UInt32?

    @Option(
        help: "TCP flags, e.g. syn,ack; none has no flag.", transform: TCPFlagNames.init(argument:))
    var tcpFlags: TCPFlagNames?

    @Option(help: "Type of an ICMP query or answer, 0 to 255.", transform: NumberArgument.icmpType)
    var icmpType: UInt8?

    @OptionGroup var options: GlobalOptions

    mutating func validate() throws {
        switch (natGateway, loadBalancer) {
        case (nil, nil): throw ValidationError("say --nat-gateway NAME or --load-balancer NAME")
        case (_?, _?): throw ValidationError("--nat-gateway and --load-balancer exclude each other")
        default: break
        }
        if natGateway != nil, from != nil || clientVNI != nil || listener != nil {
            throw ValidationError("--from, --client-vni and --listener are of load balancers")
        }
        if from != nil, clientVNI != nil {
            throw ValidationError("--from and --client-vni exclude each other")
        }
        let isBalanced = loadBalancer != nil && !inbound
        if isBalanced, client == nil || listener == nil {
            throw ValidationError("say --client ADDRESS:PORT and --listener PROTOCOL/PORT")
        }
        if !isBalanced, source == nil || destination == nil {
            throw ValidationError(
                "say --source ADDRESS:PORT and --destination ADDRESS:PORT/PROTOCOL")
        }
    }

    func run(_ session: Session) async throws {
        let subject = try await subject(session)
        let (answer, leader) = try await session.explain(subject)
        try await session.printer.show(answer) { printer in
            answer.details(of: subject, node: leader)
                .lines(coloured: printer.terminal.isColoured)
        }
    }
}
