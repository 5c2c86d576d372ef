// The flows of a run before they begin. Everything about a flow is a function of the run's seed and
// the flow's number, so a packet can be held against its flow even when that has long ended.

public import Wire

/// What a run is asked to do.
public struct RunPlan: Hashable, Sendable {
    public var profile: Profile
    /// Flows opened in the run.
    public var flows: Int
    /// In which they are opened, at an even mean rate.
    public var seconds: Double
    public var seed: UInt64
    /// Fills one destination's ports: stops opening when every bucket refuses, and goes on refusing.
    public var exhausts: ExhaustedDestination?
    /// Targets, as `address:port`, whose flows may break: they are killed during the run.
    public var killedTargets: Set<String> = []

    /// Flows that begin while the plan's own are held; then faults are watched.
    public var newcomers: Newcomers?

    /// Weights of resources among new flows, by tenant, name or `tenant/name`; 1 if not given.
    public var shares: [String: Int] = [:]

    public init(profile: Profile, flows: Int, seconds: Double, seed: UInt64) {
        self.profile = profile
        self.flows = flows
        self.seconds = seconds
        self.seed = seed
    }

    func share(of service: Service) -> Int {
        shares["\(service.tenant)/\(service.name)"] ?? shares[service.name]
            ?? shares[service.tenant] ?? 1
    }

    var flowsPerSecond: Double { Double(flows) / seconds }
}

/// Flows that begin, live and end while others are held open.
public struct Newcomers: Hashable, Sendable {
    public var flowsPerSecond: Double
    /// For which the others are held.
    public var seconds: Double
    public var lifetime: Lifetime
    public var requestIntervalMilliseconds: Double
    /// What a run under faults must show.
    public var limits: FaultReport.Limits

    public init(
        flowsPerSecond: Double, seconds: Double, like profile: Profile,
        limits: FaultReport.Limits = FaultReport.Limits()
    ) {
        self.flowsPerSecond = flowsPerSecond
        self.seconds = seconds
        lifetime = profile.lifetime
        requestIntervalMilliseconds = profile.requestIntervalMilliseconds
        self.limits = limits
    }

    var flows: Int { Int(flowsPerSecond * seconds) }
}

/// The one destination whose ports a run uses up, and the flows that go elsewhere meanwhile.
public struct ExhaustedDestination: Hashable, Sendable {
    public var address: IPv4Address
    public var port: Port
    /// The first flows of the run go to the next address, and must not notice anything.
    public var bystanders: Int
    /// Buckets that refuse are asked again until none has given a port for so long.
    public var giveUpAfterNanoseconds: UInt64

    public init(
        address: IPv4Address, port: Port, bystanders: Int = 16,
        giveUpAfterNanoseconds: UInt64 = 2_000_000_000
    ) {
        self.giveUpAfterNanoseconds = giveUpAfterNanoseconds
        self.address = address
        self.port = port
        self.bystanders = bystanders
    }

    var name: String {
        port.rawValue == 0 ? "\(address)" : "\(address) port \(port.rawValue)"
    }

    func isBystander(_ number: UInt32) -> Bool { number < UInt32(bystanders) }

    func server(of number: UInt32) -> IPv4Address {
        IPv4Address(rawValue: address.rawValue &+ (isBystander(number) ? 1 : 0))
    }
}

/// One kind of flow: a resource, for load balancers a listener, and a protocol.
struct Stream: Sendable {
    var service: Int
    var listener: Int?
    var ipProtocol: IPProtocol
    var weight: Int
    /// The VPC that its clients are in, as an ordinal of the workload's networks.
    var network: Int
    /// Where its clients send to, if that is one place: a load balancer's listener.
    var address: IPAddress?
    var port = Port(0)

    func weighted(by share: Int) -> Stream {
        var stream = self
        stream.weight *= share
        return stream
    }
}

/// A flow as it was drawn.
struct FlowDraft: Hashable, Sendable {
    var number: UInt32
    var stream: Int
    var instance: Int
    var client: IPAddress
    var clientPort: Port
    /// The destination that the client sends to: a server, or the load balancer.
    var server: IPAddress
    var serverPort: Port
    var nonce: UInt32
    var lifetimeNanoseconds: UInt64
}

/// Draws flows.
struct Workload: Sendable {
    let plan: RunPlan
    let streams: [Stream]
    let networks: [EmulatedNetwork]
    private let totalWeight: Int
    private let servers: [IPAddress]
    private let popularity: ZipfTable
    private let ports: PortShuffle

    init(_ plan: RunPlan, _ topology: Topology) throws(TopologyError) {
        let problems = plan.profile.problems()
        guard problems.isEmpty else {
            throw TopologyError("the profile is not valid: " + problems.joined(separator: "; "))
        }
        guard plan.flows > 0, plan.flows < Int(UInt32.max) / 2, plan.seconds > 0 else {
            throw TopologyError("flows and seconds must be above zero")
        }
        self.plan = plan
        let instances = plan.profile.instancesPerVPC ?? max(32, plan.flows / 25_000 + 1)
        networks = try EmulatedNetwork.all(
            of: topology, instances: instances, seed: plan.seed)
        streams = Self.streams(plan.profile.protocols, topology, networks)
            .map { $0.weighted(by: plan.share(of: topology.services[$0.service])) }
        totalWeight = streams.reduce(0) { $0 + $1.weight }
        guard totalWeight > 0 else {
            throw TopologyError("no selected resource takes a protocol of the profile")
        }
        servers = try Self.servers(plan.profile.destinations)
        popularity = ZipfTable(
            count: servers.count, exponent: plan.profile.destinations.zipfExponent)
        ports = PortShuffle(seed: plan.seed)
    }

    /// The flow with this number: the same each time.
    func flow(_ number: UInt32) -> FlowDraft {
        func draw(_ purpose: Mix.Purpose) -> UInt64 { Mix.draw(plan.seed, UInt64(number), purpose) }
        let streamIndex = pickStream(draw(.stream))
        let stream = streams[streamIndex]
        let network = networks[stream.network]
        let instance = Int(number) % network.instances.count
        let port = ports.port(Int(number) / network.instances.count, instance: instance)
        var draft = FlowDraft(
            number: number, stream: streamIndex, instance: instance,
            client: network.instances[instance], clientPort: port, server: network.instances[0],
            serverPort: Port(0), nonce: UInt32(truncatingIfNeeded: draw(.nonce)),
            lifetimeNanoseconds: lifetime(number, draw(.lifetime)))
        if let address = stream.address {
            draft.server = address
            draft.serverPort = stream.port
        } else if let exhausted = plan.exhausts {
            draft.server = .v4(exhausted.server(of: number))
            draft.serverPort = stream.ipProtocol == .icmp ? Port(0) : exhausted.port
        } else {
            draft.server = servers[popularity.rank(draw(.destination))]
            let choices = plan.profile.destinations.ports
            let choice = choices[Mix.below(choices.count, draw(.destinationPort))]
            draft.serverPort = stream.ipProtocol == .icmp ? Port(0) : Port(choice)
        }
        return draft
    }

    /// Bytes of a request's IP packet, before the least that its protocol needs.
    func requestBytes(_ number: UInt32, _ sequence: UInt16) -> Int {
        let sizes = plan.profile.sizes
        guard sizes.count > 1 else { return sizes[0].bytes }
        let total = sizes.reduce(0) { $0 + $1.weight }
        let name = UInt64(number) << 16 | UInt64(sequence)
        var point = Mix.below(total, Mix.draw(plan.seed, name, .size))
        for size in sizes {
            if point < size.weight { return size.bytes }
            point -= size.weight
        }
        return sizes[0].bytes
    }

    private func pickStream(_ value: UInt64) -> Int {
        var point = Mix.below(totalWeight, value)
        for (index, stream) in streams.enumerated() {
            if point < stream.weight { return index }
            point -= stream.weight
        }
        return 0
    }

    /// Whether a flow is one of those that the plan holds open, not one that comes meanwhile.
    func isHeld(_ number: UInt32) -> Bool { number < UInt32(plan.flows) }

    func requestIntervalNanoseconds(_ number: UInt32) -> UInt64 {
        if let newcomers = plan.newcomers, !isHeld(number) {
            return UInt64(newcomers.requestIntervalMilliseconds * 1e6)
        }
        return UInt64(plan.profile.requestIntervalMilliseconds * 1e6)
    }

    private func lifetime(_ number: UInt32, _ value: UInt64) -> UInt64 {
        let newcomers = isHeld(number) ? nil : plan.newcomers
        let lifetime = newcomers?.lifetime ?? plan.profile.lifetime
        let mean = lifetime.meanMilliseconds * 1e6
        switch lifetime.distribution {
        case .fixed: return UInt64(mean)
        case .uniform: return UInt64(2 * mean * Mix.unit(value))
        case .exponential:
            // Cut at five times the mean, so that a run's end is in sight.
            return UInt64(mean * min(5, -Power.naturalLogarithm(1 - Mix.unit(value))))
        }
    }
}
