// An engine as far as loans concern it: flows by port, an allocator that looks at every port, and the
// order of calls that the real engine's turn has.

import Configuration
import Tables
import Wire

@testable import Consensus

/// How a fixture's cluster is laid out and timed.
struct LoanLayout {
    var bucketCount = 8
    var portsPerBucket = 4
    var firstPort: UInt16 = 1024
    /// Node of each engine.
    var nodes: [UInt64] = [1, 2]
    var settings: LoanSettings
    /// A planted fault: a bucket's next leader doesn't know what its lender gave.
    var forgets = false

    init(nodes: [UInt64] = [1, 2], bucketCount: Int = 8, portsPerBucket: Int = 4) {
        self.nodes = nodes
        self.bucketCount = bucketCount
        self.portsPerBucket = portsPerBucket
        settings = LoanSettings(
            bucketCount: bucketCount, groupCapacity: 2, peerCapacity: 8, tenantCapacity: 4,
            heldCapacity: 256, lentCapacity: 256, waiterCapacity: 64, searchCapacity: 32,
            scarceCapacity: 32, quietNanoseconds: 70_000_000, reminderNanoseconds: 100_000_000)
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
    private let start: UInt64
    /// Entries are committed, and denials confirmed, only when this says so.
    var mayCommit: () -> Bool = { true }
    private var uncommitted: [LoanEntry] = []
    private var unconfirmed: [LoanDenied] = []

    init(_ number: Int, _ layout: LoanLayout, _ world: World, start: UInt64, at now: Tick) {
        self.number = number
        self.layout = layout
        self.world = world
        self.start = start
        exchange = PeerExchange(
            own: layout.identity(of: number, start: start), settings: layout.settings,
            channelSettings: ChannelSettings(windowBatches: 8), seed: 0x5EED
        ) { _, _ in SealerBox(IdentitySealer()) }
        guard !layout.isByNode else {
            exchange.apply([layout.group], at: now)
            noteReigns(now)
            restore(now)
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
            if leader == number { lead(bucket, at: now) }
        }
        restore(now)
    }

    /// Begins and opens a reign over a bucket.
    func lead(_ bucket: Int, term: UInt32 = 1, at now: Tick) {
        begin(bucket, term: term, at: now)
        loans.open(group: Self.group, bucket: BucketIndex(bucket), at: now)
    }

    func begin(_ bucket: Int, term: UInt32 = 1, at now: Tick) {
        loans.begin(
            group: Self.group, bucket: BucketIndex(bucket),
            ballot: Ballot(
                generation: 1, number: start,
                proposer: NodeID(rawValue: layout.nodes[number])), term: term, at: now)
    }

    /// What fixed views say of reigns.
    private func noteReigns(_ now: Tick) {
        while let event = exchange.replica.pollEvent() {
            exchange.note(event, at: now)
            if case .committed(_, let slot) = event { exchange.replica.release(slot) }
        }
    }

    /// Takes what is committed of the buckets that this engine leads.
    private func restore(_ now: Tick) {
        let led = (0..<layout.bucketCount).map { layout.leader(of: BucketIndex($0)) == number }
        for (bucket, entry) in world.log where led[bucket] { restore(entry, of: bucket, now) }
        for bucket in led.indices where led[bucket] {
            loans.open(group: Self.group, bucket: BucketIndex(bucket), at: now)
        }
    }

    private func restore(_ entry: Committed, of bucket: Int, _ now: Tick) {
        switch entry {
        case .loan(let entry):
            if !layout.forgets { _ = loans.committed(entry, tenant: 1, at: now) }
        case .taken(let id, let port):
            _ = loans.take(id, port, tenant: 1, at: now)
            flows.append(port)
        case .own(let port):
            resting.removeAll { $0.port == port }
            own.insert(port)
            flows.append(port)
        case .ended(let port):
            flows.removeAll { $0 == port }
            if Int(port.toward.bucket.rawValue) == bucket {
                resting.append((port, now + layout.settings.quietNanoseconds))
            } else {
                loans.forget(port, by: BucketIndex(bucket))
            }
        }
    }

    private func log(_ entry: Committed, of bucket: BucketIndex) {
        world.note(entry, of: bucket)
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
        for port in layout.ports(of: toward.bucket) {
            let candidate = LoanPort(Port(port), toward: toward)
            if !own.contains(candidate), !loans.isTaken(candidate) { return candidate.port }
        }
        return nil
    }

    private func create(_ port: LoanPort, isOwn: Bool, _ now: Tick) {
        world.begin(port, by: number, at: now)
        if isOwn {
            own.insert(port)
            log(.own(port), of: port.toward.bucket)
        } else if let id = loans.id(of: port) {
            log(.taken(id, port), of: id.bucket)
        }
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
        log(.ended(port), of: loans.id(of: port)?.bucket ?? port.toward.bucket)
        let borrower = loans.id(of: port)?.bucket ?? port.toward.bucket
        if !loans.release(port, by: borrower, at: now) {
            resting.append((port, now + layout.settings.quietNanoseconds))
        }
        pump(at: now)
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
            while let entry = loans.pollEntry() { uncommitted.append(entry) }
            while let denied = loans.pollDenial() { unconfirmed.append(denied) }
            if !uncommitted.isEmpty || !unconfirmed.isEmpty, mayCommit() {
                isBusy = true
                commit(at: now)
            }
            while let outcome = loans.pollOutcome() {
                isBusy = true
                finish(outcome, at: now)
            }
            while loans.pollFreed() != nil { isBusy = true }
        }
        guard !layout.isByNode else { return }
        while let dispatch = loans.pollDispatch() { dispatches.append(dispatch) }
    }

    private func commit(at now: Tick) {
        let entries = uncommitted
        uncommitted = []
        for entry in entries {
            log(.loan(entry), of: entry.grant.port.toward.bucket)
            let isKept = loans.committed(entry, tenant: 1, at: now)
            precondition(isKept)
        }
        for denied in unconfirmed { loans.deny(denied, at: now) }
        unconfirmed = []
    }

    /// What is not committed will never be: another leader takes over.
    func undo(at now: Tick) {
        for entry in uncommitted { loans.undone(entry, at: now) }
        uncommitted = []
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
