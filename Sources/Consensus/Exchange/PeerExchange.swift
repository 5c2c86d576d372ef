// What one engine has to do with its peers: their channels, the replicas and loans that go over them,
// and, on a node's first engine, its member of each group.

import Configuration
import Tables
public import Wire

/// The channels, replica and loans of one engine, joined; and the node's member, on its first engine.
///
/// - Inputs: `handle(_:from:at:)` (a datagram whose first byte is `BatchHeader.firstByte`),
///   `tick(_:)`.
/// - Commands: `apply(_:at:)` (the configuration's groups, between turns), and those of `loans` and
///   `replica`.
/// - Outputs: `settle(at:)`, after each input, lets member and replica have their say to each other;
///   then the events of `replica`, the outputs of `loans` but its dispatches, `pollRecord`; then, at a
///   turn's end, `poll(at:into:)` until it is nil.
///
/// `apply` allocates, and so do a peer's first greeting and a view change; nothing else does.
public struct PeerExchange: ~Copyable {
    public let own: ChannelIdentity
    public var loans: Loans
    public var channels: ChannelSet<SealerBox>
    public var replica: Replica
    /// On the node's first engine alone, and not where views are fixed.
    public internal(set) var member: Member?
    public internal(set) var leases: Leases
    /// Messages that a full channel lost; each is made good later.
    public internal(set) var messagesLost: UInt64 = 0
    /// Orders and reports within the node that had to wait for room.
    public internal(set) var messagesDelayed: UInt64 = 0
    /// Version of the configuration that entries are made by.
    public var version: UInt64 {
        get { replica.version }
        set { replica.version = newValue }
    }

    /// The groups that this node is a member of.
    var groups: [GroupEntry] = []
    /// By node: how many engines it runs, as it greeted.
    var engineCounts: IdentifierMap
    /// A view, or what a peer greeted, changed which engine leads.
    var staleRoutes = StaleRoutes.none
    /// Views are the configuration's: no member runs.
    let isFixed: Bool
    var fixedViews: UInt64 = 0
    var records = Outbox<GroupRecord>(reserving: 16)
    /// By engine of this node: orders that it has not been told yet.
    var pendingOrders: [PendingOrders]
    var pendingReports: [EngineReport] = []
    /// Channels to the first engines of the nodes that this one shares groups with.
    var memberChannels: [(node: NodeID, channel: Int)] = []

    /// - Parameters:
    ///   - own: the greeting says how many engines this node runs.
    ///   - settings: `peerCapacity` is the number of channels.
    ///   - replica: nil: as the others say.
    ///   - membership: nil where views are fixed.
    public init(
        own: ChannelIdentity, settings: LoanSettings = LoanSettings(),
        channelSettings: ChannelSettings = ChannelSettings(),
        replica: ReplicaSettings? = nil, membership: MemberSettings? = nil,
        recorded: [GroupRecord] = [], seed: UInt64,
        makeSealer: @escaping (ChannelIdentity, ChannelIdentity) -> SealerBox
    ) {
        self.own = own
        isFixed = membership == nil
        loans = Loans(settings, seed: seed)
        channels = ChannelSet(
            own: own, capacity: settings.peerCapacity, settings: channelSettings,
            makeSealer: makeSealer)
        let standard = ReplicaSettings(
            own: own.address, engineCount: Int(own.greeting.engineCount),
            bucketCount: settings.bucketCount)
        self.replica = Replica(
            replica ?? standard, groupCapacity: settings.groupCapacity, seed: seed)
        leases = Leases(
            node: own.address.node, copies: membership?.copies,
            groupCapacity: settings.groupCapacity, nodeCapacity: settings.peerCapacity)
        pendingOrders = Array(
            repeating: PendingOrders(), count: max(1, Int(own.greeting.engineCount)))
        member = nil
        if let membership, own.address.engine == 0 {
            member = Member(
                node: own.address.node, incarnation: own.incarnation,
                engineCount: Int(own.greeting.engineCount), settings: membership,
                recorded: recorded)
        }
        engineCounts = IdentifierMap(capacity: settings.peerCapacity, seed: seed | 1)
        engineCounts.set(own.address.node.rawValue, to: UInt32(own.greeting.engineCount))
    }

    /// Takes one datagram, opening it in place, and processes its messages.
    ///
    /// - Parameter node: whose address the outer source is, by the snapshot; nil if nobody's.
    public mutating func handle(
        _ bytes: inout MutableRawSpan, from node: NodeID?, at now: Tick
    ) -> BatchOutcome {
        let (channel, outcome) = channels.handle(&bytes, at: now) { $0 == node }
        // Before its messages: what the peer's earlier start had is void.
        takeEvents(at: now)
        guard let channel else { return outcome }
        switch outcome {
        case .messages(let contents):
            process(bytes.bytes.extracting(0..<contents.upperBound), contents, channel, now)
        case .expanded(let count):
            let expanded = channels.with(channel) { $0.expanded }
            process(expanded.rawSpan.extracting(0..<count), 0..<count, channel, now)
        case .acknowledgement, .greeting, .refused: break
        }
        return outcome
    }

    /// Takes the configuration's keys for all channels. Between turns.
    public mutating func adopt(_ keys: ChannelKeys) { channels.adopt(keys) }

    /// Takes the configuration's quiet times: after an end, and after a loss of all copies.
    public mutating func setQuiet(nanoseconds: UInt64, afterLossNanoseconds: UInt64) {
        loans.setQuiet(nanoseconds: nanoseconds)
        member?.lossQuietNanoseconds = afterLossNanoseconds
    }

    private mutating func takeEvents(at now: Tick) {
        while let (channel, event) = channels.pollEvent() {
            learnEngineCount(channel)
            if case .restarted = event { loans.peerRestarted(channel, at: now) }
            meet(channel, event, at: now)
        }
        setRoutes(at: now)
    }

    /// The member hears of the starts of other nodes' first engines.
    private mutating func meet(_ channel: Int, _ event: ChannelEvent, at now: Tick) {
        let peer = channels.with(channel) { $0.peer }
        guard peer.engine == 0, peer.node != own.address.node else { return }
        switch event {
        case .opened(let incarnation), .restarted(_, let incarnation):
            member?.peerOpened(peer.node, incarnation, at: now)
        }
    }

    /// The node at the other end of a channel.
    public mutating func node(of peer: Int) -> NodeID { channels.with(peer) { $0.peer.node } }

    /// Does what time makes due. Every few milliseconds.
    public mutating func tick(_ now: Tick) {
        loans.tick(now)
        channels.tick(now)
        replica.tick(now)
        noteRoom()
        member?.tick(now)
        settle(at: now)
    }

    /// A peer that doesn't answer is sent no more heartbeats than a few: its channel keeps them all.
    private mutating func noteRoom() {
        guard member != nil else { return }
        for (node, channel) in memberChannels {
            // More than a transfer may take: who is being filled must not look dead.
            let hasRoom = channels.with(channel) {
                $0.isOpen && $0.window.waitingBatches * 4 < $0.settings.windowBatches * 3
            }
            member?.note(room: hasRoom, to: node)
        }
    }

    /// The next datagram to send, to an engine of `peer`'s node. Nil if there is none.
    public mutating func poll(
        at now: Tick, into datagram: inout MutableRawSpan
    ) -> (peer: EngineAddress, length: Int)? {
        while let dispatch = loans.pollDispatch() {
            if !channels.enqueue(dispatch.message, to: dispatch.peer) { messagesLost += 1 }
        }
        replica.flush(into: &channels, peers: engineCounts, at: now)
        return channels.poll(at: now, into: &datagram)
    }

    /// When `tick` has something to do next, if nothing comes before. Linear in the channels.
    public var wakeAt: Tick? {
        var wake: Tick?
        for candidate in [loans.wakeAt, channels.wakeAt, replica.wakeAt] {
            guard let candidate else { continue }
            wake = min(wake ?? candidate, candidate)
        }
        switch member {
        case .some(let member): return min(wake ?? member.wakeAt, member.wakeAt)
        case .none: return wake
        }
    }

    /// What must hold between calls.
    public func checkInvariants() {
        loans.checkInvariants()
        channels.checkInvariants()
        replica.checkInvariants()
        precondition(staleRoutes.isEmpty, "a greeting was not heard")
    }
}
