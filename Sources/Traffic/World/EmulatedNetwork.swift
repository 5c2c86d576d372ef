// The inside of a VPC as the generator emulates it: instances with addresses of its prefix, spread
// over the hosts, and the targets of its load balancers. Clients outside are a network of their own,
// behind the edges.

import Wire

/// A VPC with its instances, or the outside with clients.
struct EmulatedNetwork: Sendable {
    let vni: VNI
    let instances: [IPAddress]
    private let seed: UInt64
    /// The first endpoint that its instances are behind, and how many there are.
    private let firstHome: Int
    private let homeCount: Int

    /// The networks of all services, one for each VPC; and the outside, if anybody there can be a
    /// client of one of them.
    static func all(
        of topology: Topology, instances: Int, seed: UInt64
    ) throws(TopologyError) -> [EmulatedNetwork] {
        var networks: [EmulatedNetwork] = []
        for service in topology.services where !networks.contains(where: { $0.vni == service.vni })
        {
            networks.append(
                try EmulatedNetwork(service, of: topology, instances: instances, seed: seed))
        }
        let edges = topology.endpoints.count - topology.hostCount
        if edges > 0, topology.services.contains(where: { $0.publicAddress != nil }) {
            networks.append(EmulatedNetwork(outside: edges, topology, seed: seed))
        }
        return networks
    }

    /// Clients outside have addresses for documentation: 192.0.2.0/24 (RFC 5737).
    private init(outside edges: Int, _ topology: Topology, seed: UInt64) {
        vni = .outside
        self.seed = seed
        firstHome = topology.hostCount
        homeCount = edges
        instances = (1...250).map { .v4(IPv4Address(192, 0, 2, $0)) }
    }

    private init(
        _ service: Service, of topology: Topology, instances count: Int, seed: UInt64
    ) throws(TopologyError) {
        vni = service.vni
        self.seed = seed
        firstHome = 0
        homeCount = topology.hostCount
        // The lowest sixteenth is left to resources and real instances, the last is broadcast. Of
        // IPv6 a million addresses are enough.
        let bits = (service.vpcPrefix.address.isIPv4 ? 32 : 128) - service.vpcPrefix.length
        let size = 1 << min(bits, 20)
        let taken = topology.reservedAddresses(in: service.vni)
        let base = service.vpcPrefix.address
        instances = (size / 16..<max(size / 16, size - 1)).lazy
            .map { base.advanced(by: $0) }
            .filter { !taken.contains($0) }.prefix(count).map { $0 }
        guard instances.count == count else {
            throw TopologyError(
                "\(count) instances don't fit into \(service.vpcPrefix) of '\(service.name)'")
        }
    }

    /// The interface of an instance.
    func eni(ofInstance instance: Int) -> ENI {
        vni == .outside ? .none : eni(named: UInt64(instance))
    }

    /// The interface of a target, which has no instance's number.
    func eni(ofTarget address: IPAddress) -> ENI {
        eni(named: 1 << 32 | address.mapped.low & 0xFFFF_FFFF)
    }

    private func eni(named name: UInt64) -> ENI {
        ENI(rawValue: Mix.draw(seed ^ UInt64(vni.rawValue), name, .eni) | 1)
    }

    /// The endpoint of the host that an instance runs on, or of the edge that a client is behind.
    func home(ofInstance instance: Int) -> Int { firstHome + instance % homeCount }
}

extension Topology {
    /// The endpoint of the host that a target runs on.
    func home(ofTarget address: IPAddress) -> Int {
        Int(address.mapped.low & 0xFFFF) % hostCount
    }

    /// Addresses in a VPC that belong to load balancers and targets.
    func reservedAddresses(in vni: VNI) -> Set<IPAddress> {
        var taken: Set<IPAddress> = []
        for service in services {
            if service.vni == vni, let address = service.address { taken.insert(address) }
            for listener in service.listeners where listener.targetVNI == vni {
                for target in listener.targets { taken.insert(target.address) }
            }
        }
        return taken
    }
}
