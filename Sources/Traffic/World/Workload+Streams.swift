// Which kinds of flow a run has, and where they go.

package import Wire

extension Workload {
    /// Each protocol that has a weight, to each resource that takes it. Listeners share the weight
    /// of their load balancer's protocol.
    static func streams(
        _ shares: ProtocolShares, _ topology: Topology, _ networks: [EmulatedNetwork]
    ) -> [Stream] {
        var streams: [Stream] = []
        for (index, service) in topology.services.enumerated() {
            guard let network = networks.firstIndex(where: { $0.vni == service.vni }) else {
                continue
            }
            if service.kind == .natGateway {
                guard !service.eips.isEmpty else { continue }
                for ipProtocol in [IPProtocol.udp, .tcp, .icmp] {
                    streams.append(
                        Stream(
                            service: index, listener: nil, ipProtocol: ipProtocol,
                            weight: 12 * shares.weight(of: ipProtocol), network: network))
                }
            } else {
                streams += listenerStreams(shares, service, index, network, service.address)
                if let address = service.publicAddress,
                    let outside = networks.firstIndex(where: { $0.vni == .outside })
                {
                    streams += listenerStreams(shares, service, index, outside, .v4(address))
                }
            }
        }
        return streams.filter { $0.weight > 0 }
    }

    private static func listenerStreams(
        _ shares: ProtocolShares, _ service: Service, _ index: Int, _ network: Int,
        _ address: IPAddress?
    ) -> [Stream] {
        var streams: [Stream] = []
        for (listenerIndex, listener) in service.listeners.enumerated()
        where !listener.targets.isEmpty {
            let peers = service.listeners.filter { $0.ipProtocol == listener.ipProtocol }.count
            var stream = Stream(
                service: index, listener: listenerIndex, ipProtocol: listener.ipProtocol,
                weight: 12 * shares.weight(of: listener.ipProtocol) / peers, network: network)
            stream.address = address
            stream.port = listener.port
            streams.append(stream)
        }
        return streams
    }

    /// The outside servers of a profile, most popular first.
    static func servers(_ destinations: Destinations) throws(TopologyError) -> [IPAddress] {
        guard let prefix = IPPrefix(destinations.prefix), case .v4(let base) = prefix.address
        else {
            throw TopologyError("destinations.prefix: '\(destinations.prefix)' is no IPv4 prefix")
        }
        guard destinations.count < 1 << (32 - prefix.length) else {
            throw TopologyError(
                "destinations: \(destinations.count) servers don't fit into \(prefix)")
        }
        return (1...UInt32(destinations.count)).map {
            .v4(IPv4Address(rawValue: base.rawValue + $0))
        }
    }
}

extension ProtocolShares {
    func weight(of ipProtocol: IPProtocol) -> Int {
        switch ipProtocol {
        case .udp: max(udp, 0)
        case .tcp: max(tcp, 0)
        case .icmp: max(icmp, 0)
        default: 0
        }
    }
}

/// Gives each instance its source ports in an order of its own, none twice before all were used
/// (RFC 4814 §4.5: pseudorandom ports, as real clients take them).
package struct PortShuffle: Sendable {
    private static let lowest = 1024
    private static let count = 64_512
    private let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    package func port(_ ordinal: Int, instance: Int) -> Port {
        let draw = Mix.draw(seed, UInt64(instance), .ports)
        // 64,512 = 2^10 * 3^2 * 7: a step that none of these divides visits every port.
        var step = Int(draw & 0xFFFF) | 1
        while step % 3 == 0 || step % 7 == 0 { step += 2 }
        let start = Int(draw >> 16 & 0xFFFF)
        return Port(UInt16(Self.lowest + (start + ordinal % Self.count * step) % Self.count))
    }
}
