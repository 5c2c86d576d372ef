// All engines of the node: opened in order, started by the first snapshot, given each new one.

import Configuration
import Consensus
import LinuxIO
import Node
import Operations
import Synchronization
import Translation
import Wire

/// The node's engines. Safe from any thread.
final class EngineSet: Sendable {
    private struct State {
        var table: ResourceTable?
        /// The one before.
        var retired: ResourceTable?
        var waiting: [HandOverBox<EngineSet.Opened>]
    }

    /// A port and its poller, opened and not yet owned by a thread.
    struct Opened: ~Copyable {
        var port: UDPPort
        var poller: Poller
    }

    private let options: EngineOptions
    private let threads: [EngineThread]
    private let memory: MemoryBacking
    private let records: GroupRecordFile
    private let journal: MemberJournal
    private let state: Mutex<State>

    /// Opens the sockets, so that a start that can't succeed fails at once.
    init(
        _ options: HyperplaneNode, _ identity: NodeIdentity, records: GroupRecordFile,
        journal: MemberJournal
    ) throws(IOError) {
        self.options = EngineOptions(options, identity, recorded: records.all)
        self.records = records
        self.journal = journal
        var waiting: [HandOverBox<Opened>] = []
        var threads: [EngineThread] = []
        for index in 0..<options.engines {
            let port = try UDPPort(
                address: options.address, engineIndex: index, engineCount: options.engines,
                sourcePorts: options.sourcePorts)
            let poller = try Poller(descriptors: [port.fileDescriptor])
            threads.append(
                EngineThread(
                    waker: poller.waker, isRealTime: options.scheduling == .realTime))
            waiting.append(HandOverBox(Opened(port: port, poller: poller)))
        }
        self.threads = threads
        memory = MemoryBacking(engines: options.engines)
        state = Mutex(State(table: nil, waiting: waiting))
    }

    /// The newest configuration that no flow of any engine outlives; nil until all have started.
    var closedVersion: UInt64? {
        let versions = threads.map(\.closedVersion)
        return versions.contains(0) ? nil : versions.min()
    }

    var mailboxes: [EngineMailbox] { threads.map(\.mailbox) }

    var socketLosses: [String: UInt64] {
        threads.reduce(into: [:]) { sum, thread in
            sum.merge(thread.socketLosses, uniquingKeysWith: +)
        }
    }

    /// Why the engines can't run by a snapshot; nil if they can.
    func unfitness(of snapshot: Snapshot) -> String? {
        let previous = state.withLock { $0.table }
        if let previous, !previous.snapshot.cluster.isSameCluster(as: snapshot.cluster) {
            return "it changes what is fixed when a cluster is initialised"
        }
        guard snapshot.cluster.keys != nil else {
            return "it has no keys for the channels between nodes"
        }
        guard snapshot.groups.count <= EngineOptions.groupCapacity else {
            return "it has \(snapshot.groups.count) groups, more than the "
                + "\(EngineOptions.groupCapacity) that a node serves"
        }
        return nil
    }

    /// Takes a snapshot into force: the first one starts the engines.
    func adopt(_ snapshot: Snapshot) throws(StartError) {
        if let message = unfitness(of: snapshot) { throw StartError(message: message) }
        let previous = state.withLock { $0.table }
        let table = ResourceTable(snapshot, previous: previous)
        journal.name(snapshot.nodes)
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            // Whoever lets go of a table last frees it: that must not be an engine.
            state.retired = state.table
            state.table = table
            return state.waiting
        }
        if waiting.isEmpty {
            for thread in threads { thread.mailbox.post { engine, _ in engine.apply(table) } }
        } else {
            start(waiting, snapshot)
        }
    }

    /// How much of the tables' memory has pages, 0 to 1.
    var memoryFraction: Double { memory.fraction }

    /// Until all engines give ports of their own again.
    var portsRestSeconds: Double {
        Double(threads.map(\.portsRestNanoseconds).max() ?? 0) / 1e9
    }

    func stop() {
        for thread in threads { thread.stop() }
    }

    private func start(_ waiting: [HandOverBox<Opened>], _ snapshot: Snapshot) {
        var lanes = LaneTable(engines: threads.count, frameBytes: options.frameBytes)
        for (index, box) in waiting.enumerated() {
            guard let opened = box.take() else { continue }
            let neighbours = threads.enumerated().filter { $0.offset != index }
            threads[index].start(
                EngineThread.Parts(
                    settings: options.settings(engine: index), snapshot: snapshot, opened,
                    senders: lanes.takeSenders(from: index),
                    receivers: lanes.takeReceivers(of: index),
                    neighbours: Dictionary(
                        uniqueKeysWithValues: neighbours.map { ($0.offset, $0.element.waker) })),
                memory: memory, records: records, journal: journal)
        }
    }
}

extension EngineThread.Parts {
    init(
        settings: EngineSettings, snapshot: Snapshot, _ opened: consuming EngineSet.Opened,
        senders: [Int: HandOverBox<HandOverSender>],
        receivers: [HandOverBox<HandOverReceiver>], neighbours: [Int: Waker]
    ) {
        self.settings = settings
        self.snapshot = snapshot
        port = opened.port
        poller = opened.poller
        self.senders = senders
        self.receivers = receivers
        self.neighbours = neighbours
    }
}

/// What the command line says of engines.
struct EngineOptions: Sendable {
    let identity: NodeIdentity
    let engines: Int
    let capacityFlows: Int
    let frames: Int
    let sourcePorts: Int
    let router: IPAddress?
    let frameBytes = 10240
    static let groupCapacity = 4096

    /// What the node's disk says of its groups.
    let recorded: [GroupRecord]

    init(_ options: HyperplaneNode, _ identity: NodeIdentity, recorded: [GroupRecord]) {
        self.identity = identity
        self.recorded = recorded
        engines = options.engines
        capacityFlows = options.capacityFlows
        frames = options.frames
        sourcePorts = options.sourcePorts
        router = options.router
    }

    func settings(engine index: Int) -> EngineSettings {
        var settings = EngineSettings(
            node: identity.id, index: index, engineCount: engines, capacityFlows: capacityFlows,
            groupCapacity: Self.groupCapacity, frameCount: frames, frameBytes: frameBytes,
            sourcePorts: sourcePorts, router: router, makeSealer: ChannelSealing.make)
        settings.incarnation = Incarnation(
            counter: identity.startCount, random: identity.random)
        settings.nonce = RandomSource.uint64()
        settings.recorded = recorded
        return settings
    }
}

/// A lane from every engine to every other.
private struct LaneTable {
    private var senders: [Int: [Int: HandOverBox<HandOverSender>]] = [:]
    private var receivers: [Int: [HandOverBox<HandOverReceiver>]] = [:]

    init(engines: Int, frameBytes: Int) {
        for from in 0..<engines {
            for to in 0..<engines where to != from {
                let lane = HandOverLane(capacity: 512, frameBytes: frameBytes)
                let ends = lane.makeEnds()
                senders[from, default: [:]][to] = ends.sender
                receivers[to, default: []].append(ends.receiver)
            }
        }
    }

    mutating func takeSenders(from index: Int) -> [Int: HandOverBox<HandOverSender>] {
        senders.removeValue(forKey: index) ?? [:]
    }

    mutating func takeReceivers(of index: Int) -> [HandOverBox<HandOverReceiver>] {
        receivers.removeValue(forKey: index) ?? []
    }
}
