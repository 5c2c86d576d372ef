// The world that the generator emulates and the cluster that it speaks to, as a snapshot names
// them: hosts and edges are ours, nodes are the system under test.

public import Configuration
public import Steering
public import Wire

/// One emulated outer address: the virtual router of a host, or an edge.
public struct Endpoint: Hashable, Sendable {
    public enum Role: Hashable, Sendable { case host, edge }
    public var name: String
    public var role: Role
    public var address: IPAddress
}

/// Which resources a run drives. Nil means all that there are.
public struct Selection: Hashable, Sendable {
    public var tenants: [String]?
    public var natGateways: [String]?
    public var loadBalancers: [String]?

    public init(
        tenants: [String]? = nil, natGateways: [String]? = nil, loadBalancers: [String]? = nil
    ) {
        self.tenants = tenants
        self.natGateways = natGateways
        self.loadBalancers = loadBalancers
    }

    /// Naming resources of one kind alone leaves out those of the other.
    var wantedGateways: [String]? { natGateways ?? (loadBalancers == nil ? nil : []) }
    var wantedBalancers: [String]? { loadBalancers ?? (natGateways == nil ? nil : []) }
}

/// Why no run is possible with a snapshot and a selection; each with what to do about it.
public struct TopologyError: Error, Hashable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Everything about the cluster that a run needs, in arrays that are looked up by small numbers.
public struct Topology: Sendable {
    /// Hosts first, then edges.
    public let endpoints: [Endpoint]
    public let hostCount: Int
    /// A node keeps its place for as long as the run lasts.
    public internal(set) var nodes: [NodeEntry]
    public let portSets: PortSets
    public internal(set) var services: [Service]
    let cluster: UInt64
    /// Those that serve the driven resources.
    var groups: [ViewTable.Group]
    var nodeOrdinals: AddressOrdinals

    public var bucketCount: Int { portSets.bucketCount }
    /// Ports that flows to one destination can have on one EIP.
    public var portsPerEIP: Int { portSets.portsPerBucket * portSets.bucketCount }

    public init(_ snapshot: Snapshot, selection: Selection) throws(TopologyError) {
        guard
            let portSets = PortSets(
                range: snapshot.cluster.portRange, bucketCount: snapshot.cluster.bucketCount)
        else { throw TopologyError("the snapshot's port range is not cut by its bucket count") }
        self.portSets = portSets
        let hosts = snapshot.hosts.map { Endpoint(name: $0.name, role: .host, address: $0.address) }
        let edges = snapshot.edges.map { Endpoint(name: $0.name, role: .edge, address: $0.address) }
        guard !hosts.isEmpty else {
            throw TopologyError("the cluster has no host; `hyperplane host create` makes one")
        }
        endpoints = hosts + edges
        hostCount = hosts.count
        nodes = snapshot.nodes
        nodeOrdinals = AddressOrdinals(snapshot.nodes.map(\.address))
        var reader = ServiceReader(snapshot, selection)
        services = try reader.read(nodes)
        cluster = snapshot.cluster.id
        groups = Self.groups(snapshot, of: services)
        if services.contains(where: { $0.kind == .natGateway }), edges.isEmpty {
            throw TopologyError("the cluster has no edge; `hyperplane edge create` makes one")
        }
    }

    static func groups(_ snapshot: Snapshot, of services: [Service]) -> [ViewTable.Group] {
        snapshot.groups.filter { group in services.contains { $0.group == group.id } }
            .map { ViewTable.Group(id: $0.id, members: $0.members) }
    }
}

/// Ordinals of a few addresses, found by halving.
struct AddressOrdinals: Sendable {
    private let sorted: [(address: IPv6Address, ordinal: Int)]

    init(_ addresses: [IPAddress]) {
        sorted = addresses.enumerated().map { ($1.mapped, $0) }.sorted { $0.address < $1.address }
    }

    func ordinal(of address: IPAddress) -> Int? {
        let wanted = address.mapped
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].address < wanted { low = middle + 1 } else { high = middle }
        }
        return low < sorted.count && sorted[low].address == wanted ? sorted[low].ordinal : nil
    }
}
