// Cases through a load balancer: clients of its VPC, and targets that see their addresses.

import Configuration
import Steering
import Wire

extension CaseEngine {
    /// What is driven is a load balancer.
    var isBalanced: Bool { topology.services[service].kind == .loadBalancer }

    /// The address that a case's name of it stands for.
    func real(_ name: IPv4Address) -> IPAddress {
        six.map { .v6($0.address(name)) } ?? .v4(name)
    }

    static func service(_ topology: Topology) -> Int? {
        topology.services.firstIndex { $0.kind == .natGateway && !$0.eips.isEmpty }
            ?? topology.services.firstIndex { service in
                service.address.flatMap(service.name) != nil
                    && CaseTransport.allCases.contains {
                        service.listener($0) != nil
                    }
            }
    }

    /// The flow of a trial: the instance is the trial's own, and tells which it is.
    static func balancedTrial(
        _ ordinal: Int, _ suite: CaseSuite, _ balancer: Service, _ network: EmulatedNetwork,
        _ seed: UInt64
    ) -> CaseTrial {
        let scenario = ordinal % suite.cases.count
        let draw = Mix.draw(seed, UInt64(ordinal), .ports)
        let listener = balancer.listener(suite.cases[scenario].transport)
        let address = balancer.address.flatMap(balancer.name) ?? IPv4Address(rawValue: 0)
        var view = PacketView(
            client: balancer.name(network.instances[ordinal]) ?? IPv4Address(rawValue: 0),
            clientPort: Port(UInt16(2048 + draw % 60_000)), server: address,
            serverPort: listener?.port ?? Port(0), clientRouter: balancer.firstAddress,
            // RFC 5508 §4.2.2 REQ-5: routers before a target are hidden behind the balancer.
            serverRouter: address)
        view.sharesServerPort = true
        view.sequence = UInt32(truncatingIfNeeded: Mix.draw(seed, UInt64(ordinal), .nonce))
        return CaseTrial(scenario: scenario, inside: view)
    }

    /// The trial of a packet that came to a target: it is from its client, or, if a router on the
    /// way says something, about a packet to it.
    func client(of packet: [UInt8]) -> Int? {
        if let index = network.instance(at: real(packet.address(at: 12))) { return index }
        let start = IPv4Bytes.headerBytes(packet)
        guard packet[9] == IPProtocol.icmp.rawValue, packet.count >= start + 28 else { return nil }
        return network.instance(at: real(packet.address(at: start + 24)))
    }

    /// The end that a packet which came to a host is for.
    func end(of packet: [UInt8]) -> End {
        network.instance(at: real(packet.address(at: 16))) == nil ? .server : .client
    }

    /// The target's view of a flow, from its first packet there; nil if no listener of the
    /// balancer has that target, or the client's address was not preserved.
    func balanced(_ packet: [UInt8], _ index: Int) -> PacketView? {
        let start = IPv4Bytes.headerBytes(packet)
        var view = trials[index].inside
        let transport = suite.cases[trials[index].scenario].transport
        view.server = packet.address(at: 16)
        view.serverPort = Port(packet.uint16(at: start + 2))
        view.serverRouter = topology.services[service].firstAddress
        let target = ServiceTarget(address: real(view.server), port: view.serverPort)
        guard let listener = topology.services[service].listener(transport),
            listener.targets.contains(target), packet.address(at: 12) == view.client,
            packet.uint16(at: start) == view.clientPort.rawValue
        else { return nil }
        return view
    }

    /// As the client's router, or the target's, which has learned the flow, writes it.
    func balancedOverlay(
        _ bytes: [UInt8], _ packet: CasePacket, _ view: PacketView, _ index: Int
    ) -> OverlayHeader {
        let balancer = topology.services[service]
        let transport = suite.cases[trials[index].scenario].transport
        let listener = balancer.listener(transport)
        let isOutbound = packet.from == .client
        let vni = isOutbound ? balancer.vni : listener?.targetVNI ?? balancer.vni
        let client = packet.isStranger ? view.stranger : view
        var header = OverlayHeader(
            vni: vni, innerIsIPv4: six == nil,
            bucket: balancer.balancerBucket(
                transport.ipProtocol, clientVNI: balancer.vni, real(client.client),
                client.clientPort),
            marks: isOutbound ? [] : .inbound,
            eni: isOutbound
                ? network.eni(ofInstance: index) : network.eni(ofTarget: real(view.server)),
            resource: balancer.id, listener: listener?.index ?? 0)
        if bytes.isFragment {
            header.bucket = balancer.hash.collector(
                vni: vni, source: real(bytes.address(at: 12)),
                destination: real(bytes.address(at: 16)),
                ipProtocol: IPProtocol(rawValue: bytes[9]),
                identification: UInt32(bytes.uint16(at: 4)))
            header.marks.leg = .toCollector
        }
        return header
    }
}

extension Service {
    /// Of an IPv6 VPC.
    var sixForm: IPv6Form? {
        guard case .v6(let base) = vpcPrefix.address else { return nil }
        return IPv6Form(base: base)
    }

    /// What cases call an address; nil if they have no name for it.
    func name(_ address: IPAddress) -> IPv4Address? {
        switch address {
        case .v4(let address): sixForm == nil ? address : nil
        case .v6(let address): sixForm?.name(address)
        }
    }

    /// The first listener that takes a transport, and whose targets see clients' addresses.
    func listener(_ transport: CaseTransport) -> ServiceListener? {
        listeners.first {
            $0.ipProtocol == transport.ipProtocol && $0.preservesClientAddress
                && !$0.targets.isEmpty
        }
    }
}

extension CaseSuite {
    /// The suite as it can be played through a resource.
    func played(through service: Service) -> CaseSuite {
        guard service.kind == .loadBalancer else { return self }
        return CaseSuite(
            name: name, summary: summary,
            cases: cases.filter { $0.isPlayed(through: service) },
            waitsForTimers: waitsForTimers)
    }
}

extension TrafficCase {
    /// What begins outside is for gateways alone.
    fileprivate func isPlayed(through balancer: Service) -> Bool {
        !isUnsolicited && balancer.listener(transport) != nil
            && (!isOfIPv4 || balancer.sixForm == nil)
    }
}
