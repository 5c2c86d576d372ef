// An engine as far as loans concern it: flows by port, an allocator that looks at every port, and the
// order of calls that the real engine's turn has. Beside it a world that sees every flow of every
// engine, and traps on the first port that two of them have.

import Configuration
import Tables
import Wire

@testable import Consensus

/// What identifies a flow outside: no two live flows may share it.
struct OutsideKey: Hashable {
    var external: IPv6Address
    var port: Port
    var remote: IPv6Address
    var remotePort: Port
    var ipProtocol: IPProtocol

    init(_ port: LoanPort) {
        external = port.toward.external
        self.port = port.port
        remote = port.toward.remote
        remotePort = port.toward.remotePort
        ipProtocol = port.toward.ipProtocol
    }
}

/// Sees all. Nothing that engines say of themselves counts, only which flows they have.
final class World {
    let quiet: UInt64
    private var live: [OutsideKey: Int] = [:]
    private var ended: [OutsideKey: Tick] = [:]
    private(set) var violations: [String] = []

    init(quiet: UInt64) { self.quiet = quiet }

    var liveCount: Int { live.count }

    func begin(_ port: LoanPort, by engine: Int, at now: Tick) {
        let key = OutsideKey(port)
        if let other = live[key] {
            violations.append("port \(port.port.rawValue): engine \(engine) beside \(other)")
        }
        if let last = ended[key], now - last < quiet {
            violations.append("port \(port.port.rawValue): again after \(now - last) ns")
        }
        live[key] = engine
    }

    func end(_ port: LoanPort, at now: Tick) {
        let key = OutsideKey(port)
        if live.removeValue(forKey: key) == nil { violations.append("an unknown flow ended") }
        ended[key] = now
    }
}

/// How a fixture's cluster is laid out and timed.
struct LoanLayout {
    var bucketCount = 8
    var portsPerBucket = 4
    var firstPort: UInt16 = 1024
    /// Node of each engine.
    var nodes: [UInt64] = [1, 2]
    var settings: LoanSettings
    /// For how long a restarted engine gives no port.
    var quietAfterLoss: UInt64 = 600_000_000
    /// A planted fault: a restarted engine gives ports at once.
    var forgets = false

    init(nodes: [UInt64] = [1, 2], bucketCount: Int = 8, portsPerBucket: Int = 4) {
        self.nodes = nodes
        self.bucketCount = bucketCount
        self.portsPerBucket = portsPerBucket
        settings = LoanSettings(
            bucketCount: bucketCount, groupCapacity: 2, peerCapacity: 8, tenantCapacity: 4,
            heldCapacity: 256, lentCapacity: 256, waiterCapacity: 64, searchCapacity: 32,
            scarceCapacity: 32, quietNanoseconds: 70_000_000, reminderNanoseconds: 100_000_000,
            confirmationNanoseconds: 400_000_000)
        settings.lossQuietNanoseconds = 0
        settings.waitersPerTenant = 64
        settings.heldPerTenant = 256
        settings.lentPerTenant = 256
    }

    /// Buckets go by pairs to nodes, and in each to the engine of their remainder, as the daemons
    /// have it; else in turn to the engines, whatever their nodes.
    var isByNode = false
    var distinctNodes: [UInt64] {
        nodes.enumerated().filter { !nodes[..<$0.offset].contains($0.element) }.map(\.element)
    }

    func leader(of bucket: BucketIndex) -> Int {
        let bucket = Int(bucket.rawValue)
        guard isByNode else { return bucket % nodes.count }
        let node = distinctNodes[bucket / 2 % distinctNodes.count]
        let engines = nodes.indices.filter { nodes[$0] == node }
        return engines[bucket % engines.count]
    }

    /// The same as the configuration says it.
    var group: GroupEntry {
        GroupEntry(
            id: LoanEngine.group, members: distinctNodes.map { NodeID(rawValue: $0) },
            leaders: (0..<bucketCount).map { UInt8($0 / 2 % distinctNodes.count) })
    }

    func identity(of engine: Int, start: UInt64) -> ChannelIdentity {
        let count = nodes.count { $0 == nodes[engine] }
        return ChannelIdentity(
            address: address(of: engine),
            incarnation: Incarnation(counter: start, random: UInt64(engine) << 32 | start),
            greeting: Greeting(nonce: start, engineCount: UInt16(count)))
    }

    func ports(of bucket: BucketIndex) -> ClosedRange<UInt16> {
        let first = firstPort + bucket.rawValue * UInt16(portsPerBucket)
        return first...first + UInt16(portsPerBucket - 1)
    }
    func bucket(of port: Port) -> BucketIndex {
        BucketIndex(Int(port.rawValue - firstPort) / portsPerBucket)
    }
    /// Engines of one node are numbered from 0.
    func address(of engine: Int) -> EngineAddress {
        let earlier = nodes[..<engine].count { $0 == nodes[engine] }
        return EngineAddress(node: NodeID(rawValue: nodes[engine]), engine: UInt16(earlier))
    }
}

func destination(
    _ bucket: Int, remote: UInt64 = 7, external: UInt64 = 1, remotePort: UInt16 = 443
) -> PortDestination {
    PortDestination(
        scope: ResourceID(rawValue: 5), ipProtocol: .tcp,
        external: .v6(IPv6Address(high: 1, low: external)),
        remote: .v6(IPv6Address(high: 2, low: remote)), remotePort: Port(remotePort),
        bucket: BucketIndex(bucket))
}

/// One engine. Peers are numbered as the engines are.
final class LoanEngine {
    static let group: UInt64 = 9
    let number: Int
    let layout: LoanLayout
    let world: World
    var exchange: PeerExchange
    var loans: Loans {
        _read { yield exchange.loans }
        _modify { yield &exchange.loans }
    }
    /// Ports of own flows, those in their quiet time counted.
    private var own: Set<LoanPort> = []
    private var resting: [(port: LoanPort, until: Tick)] = []
    private(set) var flows: [LoanPort] = []
    var outcomes: [LoanOutcome] = []
    var dispatches: [LoanDispatch] = []
    /// Waiting tokens, with what they are for.
    private(set) var waiting: [UInt64: PortDestination] = [:]
    private var nextToken: UInt64 = 1
    private var ticks = 0
    private let givesFrom: Tick
    /// Entries are committed only when this says so.
    var mayCommit: () -> Bool = { true }

    init(_ number: Int, _ layout: LoanLayout, _ world: World, start: UInt64, at now: Tick) {
        self.number = number
        self.layout = layout
        self.world = world
        givesFrom = start == 1 ? now : now + layout.quietAfterLoss
        exchange = PeerExchange(
            own: layout.identity(of: number, start: start), settings: layout.settings,
            channelSettings: ChannelSettings(windowBatches: 8), seed: 0x5EED
        ) { _, _ in SealerBox(IdentitySealer()) }
        guard !layout.isByNode else {
            exchange.apply([layout.group], at: now)
            return
        }
        for bucket in 0..<layout.bucketCount {
            let leader = layout.leader(of: BucketIndex(bucket))
            let route: LoanRoute =
                leader == number
                ? .here
                : .peer(leader, isOwnNode: layout.nodes[leader] == layout.nodes[number])
            let isSet = loans.setRoute(
                group: Self.group, bucket: BucketIndex(bucket), to: route)
            precondition(isSet)
        }
    }

    var counters: LoanCounters { loans.counters }
    var lentCount: Int { loans.lentCount }
    var heldCount: Int { loans.heldCount }
    func lentState(of port: LoanPort) -> LentState { loans.lentState(of: port) }
    func isTaken(_ port: LoanPort) -> Bool { loans.isTaken(port) }
    func hasLoans(of external: IPv6Address) -> Bool {
        loans.hasLoans { $0.toward.external == external }
    }

    func setLeader(of bucket: Int, to route: LoanRoute) {
        let isSet = loans.setRoute(group: Self.group, bucket: BucketIndex(bucket), to: route)
        precondition(isSet)
    }

    private func freePort(toward: PortDestination, _ now: Tick) -> Port? {
        let mayGive = layout.isByNode ? exchange.mayGivePorts(at: now) : now >= givesFrom
        guard mayGive || layout.forgets else { return nil }
        for port in layout.ports(of: toward.bucket) {
            let candidate = LoanPort(Port(port), toward: toward)
            if !own.contains(candidate), !loans.isTaken(candidate) { return candidate.port }
        }
        return nil
    }

    private func create(_ port: LoanPort, isOwn: Bool, _ now: Tick) {
        world.begin(port, by: number, at: now)
        if isOwn { own.insert(port) }
        flows.append(port)
    }

    /// A new flow of a bucket toward a destination: created, waiting, or refused.
    @discardableResult
    func open(_ toward: PortDestination, at now: Tick) -> LoanAnswer? {
        if let port = freePort(toward: toward, now) {
            create(LoanPort(port, toward: toward), isOwn: true, now)
            return nil
        }
        let token = nextToken
        nextToken += 1
        let answer = loans.request(
            toward: toward, group: Self.group, tenant: 1, token: token, at: now)
        if answer == .waiting { waiting[token] = toward }
        pump(at: now)
        return answer
    }

    /// A flow ends: an own port rests here, another goes back to its lender.
    func close(_ port: LoanPort, at now: Tick) {
        guard let index = flows.firstIndex(of: port) else { return }
        flows.remove(at: index)
        world.end(port, at: now)
        if !loans.release(port, at: now) {
            resting.append((port, now + layout.settings.quietNanoseconds))
        }
        pump(at: now)
    }

    /// Memory is lost.
    func crash(at now: Tick) {
        for port in flows { world.end(port, at: now) }
        flows = []
    }

    func handle(_ message: PeerMessage, from peer: Int, at now: Tick) {
        loans.handle(message, from: peer, at: now)
        pump(at: now)
    }

    func tick(_ now: Tick) {
        while let (port, until) = resting.first, until <= now {
            resting.removeFirst()
            own.remove(port)
            loans.portFreed(toward: port.toward)
        }
        loans.tick(now)
        pump(at: now)
        // Each check looks at every slot.
        ticks += 1
        if ticks % 32 == 0 { loans.checkInvariants() }
    }

    /// Outputs, round and round until there is nothing more.
    func pump(at now: Tick) {
        var isBusy = true
        while isBusy {
            isBusy = false
            while let ask = loans.pollAsk() {
                isBusy = true
                _ = loans.answer(ask, with: freePort(toward: ask.toward, now), tenant: 1, at: now)
            }
            while loans.pollEntry() != nil { isBusy = true }
            if loans.committedEntry < loans.lastEntry, mayCommit() {
                isBusy = true
                loans.commit(through: loans.lastEntry, at: now)
            }
            while let outcome = loans.pollOutcome() {
                isBusy = true
                finish(outcome, at: now)
            }
            while loans.pollFreed() != nil { isBusy = true }
            while let port = loans.pollLost() {
                isBusy = true
                guard let index = flows.firstIndex(of: port) else { continue }
                flows.remove(at: index)
                world.end(port, at: now)
            }
        }
        guard !layout.isByNode else { return }
        while let dispatch = loans.pollDispatch() { dispatches.append(dispatch) }
    }

    private func finish(_ outcome: LoanOutcome, at now: Tick) {
        outcomes.append(outcome)
        waiting[outcome.token] = nil
        if case .granted(let port) = outcome.result { create(port, isOwn: false, now) }
    }

    func takeDispatches() -> [LoanDispatch] {
        defer { dispatches = [] }
        return dispatches
    }

    func refusals(_ reason: LoanRefusal) -> Int { outcomes.count { $0.result == .refused(reason) } }
}

/// Engines whose messages arrive at once and unharmed.
final class LoanCluster {
    let layout: LoanLayout
    let world: World
    var engines: [LoanEngine] = []
    /// Messages carried so far.
    private(set) var carried: [PeerMessage] = []

    init(_ layout: LoanLayout, at now: Tick) {
        self.layout = layout
        world = World(quiet: layout.settings.quietNanoseconds)
        for number in layout.nodes.indices {
            engines.append(LoanEngine(number, layout, world, start: 1, at: now))
        }
    }

    func engine(of bucket: Int) -> LoanEngine { engines[layout.leader(of: BucketIndex(bucket))] }

    /// Carries messages until there are none.
    func settle(at now: Tick) {
        var isBusy = true
        while isBusy {
            isBusy = false
            for engine in engines {
                for dispatch in engine.takeDispatches() {
                    isBusy = true
                    carried.append(dispatch.message)
                    engines[dispatch.peer].handle(dispatch.message, from: engine.number, at: now)
                }
            }
        }
        for engine in engines { engine.loans.checkInvariants() }
    }

    @discardableResult
    func open(_ bucket: Int, remote: UInt64 = 7, at now: Tick) -> LoanAnswer? {
        let answer = engine(of: bucket).open(destination(bucket, remote: remote), at: now)
        settle(at: now)
        return answer
    }

    func tick(_ now: Tick) {
        for engine in engines { engine.tick(now) }
        settle(at: now)
    }

    var flowCount: Int { engines.reduce(0) { $0 + $1.flows.count } }
}
