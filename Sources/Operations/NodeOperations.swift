// What a node's endpoint knows: its engines, the snapshot that it runs by, and how old that is.

public import Configuration
public import ControlClient
import Node
import Synchronization
import Translation
public import Wire

/// The node as its endpoint sees it. Safe from any thread.
public final class NodeOperations: Sendable {
    /// Who the node is; doesn't change while it runs.
    public struct Identity: Sendable {
        public var id: NodeID
        public var name: String
        public var capacityFlows: Int

        public init(id: NodeID, name: String, capacityFlows: Int) {
            self.id = id
            self.name = name
            self.capacityFlows = capacityFlows
        }

        var text: String { Identifier(.node, id.rawValue).description }
    }

    /// Where the snapshot in force came from.
    public enum SnapshotSource: String, Sendable { case disk, service }

    struct State {
        var mailboxes: [EngineMailbox] = []
        var snapshot: Snapshot?
        var source = SnapshotSource.disk
        var fetched: Tick?
        var snapshots = SnapshotCounters()
        /// The node is to lead nothing.
        var isDraining = false
        /// What the watch of the ports saw last.
        var ports: PortReport?
    }

    public let identity: Identity
    let started: Tick
    let clock: @Sendable () -> Tick
    /// What the sockets count, by name, over all engines.
    let socketCounters: @Sendable () -> [String: UInt64]
    /// How much of the tables' memory has pages, 0 to 1.
    let memoryFraction: @Sendable () -> Double
    /// Until the engines give ports of their own again, at the longest; 0 if they do.
    let portsRestSeconds: @Sendable () -> Double
    private let state = Mutex(State())

    public init(
        identity: Identity, clock: @escaping @Sendable () -> Tick,
        socketCounters: @escaping @Sendable () -> [String: UInt64],
        memoryFraction: @escaping @Sendable () -> Double,
        portsRestSeconds: @escaping @Sendable () -> Double
    ) {
        self.identity = identity
        self.clock = clock
        self.socketCounters = socketCounters
        self.memoryFraction = memoryFraction
        self.portsRestSeconds = portsRestSeconds
        started = clock()
    }

    /// The engines serve from now on.
    public func setEngines(_ mailboxes: [EngineMailbox]) {
        state.withLock { $0.mailboxes = mailboxes }
    }

    /// This snapshot is in force. A fetch that brought nothing new counts too.
    public func setSnapshot(_ snapshot: Snapshot, from source: SnapshotSource) {
        let now = clock()
        state.withLock {
            $0.snapshot = snapshot
            $0.source = source
            if source == .service { $0.fetched = now }
        }
    }

    /// The placement service answered, with what is in force already.
    public func noteFetch() {
        let now = clock()
        state.withLock {
            $0.fetched = now
            $0.source = .service
        }
    }

    /// What became of the snapshots so far.
    public func setSnapshotCounters(_ counters: SnapshotCounters) {
        state.withLock { $0.snapshots = counters }
    }

    func setDraining(_ isDraining: Bool) { state.withLock { $0.isDraining = isDraining } }

    func setPortReport(_ report: PortReport) { state.withLock { $0.ports = report } }

    var current: State { state.withLock { $0 } }

    /// Nil if the node serves; else what is missing.
    public var notReady: String? {
        let state = current
        if state.snapshot == nil {
            return "no snapshot yet: neither on disk nor from the placement service"
        }
        if state.mailboxes.isEmpty { return "the engines are starting" }
        let fraction = memoryFraction()
        guard fraction < 1 else { return nil }
        return "memory is \(Int(fraction * 100)) % ready; until it is, the node takes no part"
    }
}
