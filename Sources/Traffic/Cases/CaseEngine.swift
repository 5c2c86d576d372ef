// Plays cases against a cluster: sends each step's packets as routers and edges would, and holds
// what comes out against what must. Like `TrafficEngine` it is given packets and the time.

public import Configuration
import Steering
public import Wire

/// Plays every case of a suite several times over, each on a flow of its own.
///
/// Inputs: `handle`, then `tick`. Output: `outbox`, one batch for each endpoint, emptied with
/// `clearOutbox` before the next input. Allocates as it goes: it is for correctness, not for load.
public struct CaseEngine: ~Copyable {
    public internal(set) var topology: Topology
    let suite: CaseSuite
    let service: Int
    let network: EmulatedNetwork
    /// Of an IPv6 VPC: how its packets are read and written.
    let six: IPv6Form?
    let seed: UInt64
    let start: Tick
    var trials: [CaseTrial]
    /// Trials begun so far, one each millisecond.
    var begun = 0
    var finished = 0
    public internal(set) var counters = TrafficCounters()
    var nodeCounters: [NodeCounters]
    public internal(set) var outbox: [[Packet]]

    /// Waits so long for what must come, and so long to see that nothing does.
    static let patienceNanoseconds: UInt64 = 1_500_000_000
    static let quietNanoseconds: UInt64 = 250_000_000

    /// `repetitions`: how often each case is played. Through the first NAT gateway with an EIP, or
    /// else the first load balancer; then without the cases that only a gateway has.
    /// Throws if the topology has neither, or no room for so many flows.
    public init(
        _ suite: CaseSuite, repetitions: Int, _ topology: Topology, seed: UInt64, start: Tick
    ) throws(TopologyError) {
        guard let service = Self.service(topology) else {
            throw TopologyError(
                "the cases want a NAT gateway with an EIP, or a load balancer whose "
                    + "targets see their clients' addresses")
        }
        let suite = suite.played(through: topology.services[service])
        guard !suite.cases.isEmpty else {
            throw TopologyError("no case of '\(suite.name)' is one of a load balancer")
        }
        if suite.waitsForTimers,
            topology.services[service].longestTimerSeconds > Self.longestIdleSeconds
        {
            throw TopologyError(
                "the timers of '\(topology.services[service].name)' are too long to wait for; "
                    + "make a gateway with --tcp-idle 2 --tcp-transitory-idle 2 --udp-idle 2 "
                    + "--icmp-idle 2")
        }
        let count = suite.cases.count * repetitions
        guard count <= 60_000 else { throw TopologyError("more than 60,000 cases in one run") }
        let networks = try EmulatedNetwork.all(of: topology, instances: count, seed: seed)
        guard let network = networks.first(where: { $0.vni == topology.services[service].vni })
        else { throw TopologyError("the NAT gateway's VPC is not in the snapshot") }
        self.suite = suite
        six = topology.services[service].sixForm
        self.service = service
        self.network = network
        self.topology = topology
        self.seed = seed
        self.start = start
        nodeCounters = Array(repeating: NodeCounters(), count: topology.nodes.count)
        outbox = Array(repeating: [], count: topology.endpoints.count)
        trials = []
        for ordinal in 0..<count {
            trials.append(Self.trial(ordinal, suite, topology, service, network, seed))
        }
    }

    public var isDone: Bool { finished == trials.count }

    /// Takes up a newer snapshot.
    public mutating func update(_ snapshot: Snapshot) {
        topology.update(snapshot)
        while nodeCounters.count < topology.nodes.count { nodeCounters.append(NodeCounters()) }
    }

    public mutating func clearOutbox(_ endpoint: Int) {
        outbox[endpoint].removeAll(keepingCapacity: true)
    }

    /// The flow of a trial: instance and server are the trial's own.
    private static func trial(
        _ ordinal: Int, _ suite: CaseSuite, _ topology: Topology, _ service: Int,
        _ network: EmulatedNetwork, _ seed: UInt64
    ) -> CaseTrial {
        let gateway = topology.services[service]
        guard gateway.kind == .natGateway else {
            return balancedTrial(ordinal, suite, gateway, network, seed)
        }
        let scenario = ordinal % suite.cases.count
        let draw = Mix.draw(seed, UInt64(ordinal), .ports)
        let hasPorts = suite.cases[scenario].transport != .icmp
        var view = PacketView(
            client: network.instances[ordinal].v4 ?? IPv4Address(rawValue: 0),
            clientPort: Port(UInt16(2048 + draw % 60_000)),
            server: IPv4Address(rawValue: serverBase + 1 + UInt32(ordinal)),
            serverPort: Port(hasPorts ? UInt16(1024 + draw >> 32 % 60_000) : 0),
            clientRouter: gateway.firstAddress, serverRouter: IPv4Address(192, 0, 2, 1))
        view.sequence = UInt32(truncatingIfNeeded: Mix.draw(seed, UInt64(ordinal), .nonce))
        var trial = CaseTrial(scenario: scenario, inside: view)
        if suite.cases[scenario].isUnsolicited {
            let ports = topology.portSets
            view.client = gateway.eips[ordinal % gateway.eips.count]
            let place = Int(draw >> 16) % (ports.portsPerBucket * ports.bucketCount)
            view.clientPort = Port(ports.first + UInt16(place))
            view.clientRouter = view.client
            trial.outside = view
        }
        return trial
    }

    /// 198.18.0.0: addresses for tests between networks (RFC 2544).
    static let serverBase: UInt32 = 0xC612_0000

    /// The trial that an inner packet which arrived at an endpoint belongs to.
    func trial(of packet: [UInt8], at end: End) -> Int? {
        let destination = packet.address(at: 16)
        if end == .server, isBalanced { return client(of: packet) }
        if end == .server {
            let ordinal = Int(destination.rawValue) - Int(Self.serverBase) - 1
            return trials.indices.contains(ordinal) ? ordinal : nil
        }
        return network.instance(at: real(destination))
    }
}

extension Service {
    /// The first address of the VPC that a router could have, or the name of it.
    var firstAddress: IPv4Address {
        if sixForm != nil { return IPv4Address(10, 0, 0, 1) }
        guard case .v4(let base) = vpcPrefix.address else { return IPv4Address(rawValue: 0) }
        return IPv4Address(rawValue: base.rawValue + 1)
    }
}

extension EmulatedNetwork {
    /// The instance with an address, found by halving: addresses ascend.
    func instance(at address: IPAddress) -> Int? {
        var low = 0
        var high = instances.count
        while low < high {
            let middle = (low + high) / 2
            if instances[middle] < address { low = middle + 1 } else { high = middle }
        }
        return low < instances.count && instances[low] == address ? low : nil
    }
}
