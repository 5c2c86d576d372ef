// The part that a node takes in its groups: who leads what, in which view. It decides nothing about
// flows; engines do, by the views that it installs in them. DESIGN part 5, rules 2 to 6, 9, 12 to 14,
// 18 and 19.

import Tables
public import Wire

/// One node's member: all its groups, and what it knows of the nodes that it shares them with.
///
/// - Getters: `isAlive(_:)`, `view(of:)`, `isActive(group:)`, `wakeAt`, `summary(of:)`, `counters`.
/// - Commands: `apply(_:at:)`, `setDraining(_:)`, `setCutOff(_:)`, `recorded(_:)`.
/// - Inputs: `peerOpened(_:_:at:)`, `handle(_:from:at:)` of messages and of reports, `tick(_:)`,
///   `note(room:to:)`, `lost(to:)`.
/// - Outputs, drained until nil after each input, in this order: `pollRecord()` (to be put on disk;
///   the member acts under it only after `recorded`), `pollOrder()` (to every engine, in order),
///   `pollMessage()` (to the node's first engine, in order).
///
/// A message that the channel had no room for must be told by `lost(to:)` before the next is polled:
/// leases hang on it, because a promise is told before any later grant.
public struct Member: ~Copyable {
    public let node: NodeID
    public let incarnation: Incarnation
    public let engineCount: Int
    public let settings: MemberSettings
    /// As the newest configuration says: see `MemberSettings`.
    public var lossQuietNanoseconds: UInt64
    public internal(set) var counters = MemberCounters()

    var peers: [MemberPeer] = []
    var peerPlaces: IdentifierMap
    var groups: [MemberGroup] = []
    var groupPlaces: IdentifierMap
    /// On disk, of groups that no snapshot has named yet.
    var records: [GroupRecord]
    /// What this start promised and gave up in groups that it has left.
    var left: [LeftGroup] = []
    var marks: HeartbeatMarks = []
    /// Since when this node is cut off; and when it is time to act upon that, or upon a peer's.
    var cutOffSince: Tick?
    var cutOffDueAt: Tick?
    /// Groups to be looked at before the next output.
    var touched: [Int] = []
    var now = Tick(rawValue: 0)
    var tickedAt: Tick?
    var groupsWakeAt = Tick(rawValue: 0)

    var noticesOut = Outbox<MemberNotice>(reserving: 64)
    var recordsOut = Outbox<GroupRecord>(reserving: 16)
    var ordersOut = Outbox<EngineOrder>(reserving: 256)
    var messagesOut = Outbox<MemberDispatch>(reserving: 256)

    /// - Parameter recorded: what `pollRecord` gave in earlier starts, the newest of each group.
    public init(
        node: NodeID, incarnation: Incarnation, engineCount: Int, settings: MemberSettings,
        recorded: [GroupRecord]
    ) {
        precondition(engineCount > 0 && engineCount <= 64 && incarnation != .unknown)
        settings.check()
        self.node = node
        self.incarnation = incarnation
        self.engineCount = engineCount
        self.settings = settings
        records = recorded
        lossQuietNanoseconds = settings.lossQuietNanoseconds
        peerPlaces = IdentifierMap(capacity: 64, seed: 1)
        groupPlaces = IdentifierMap(capacity: 64, seed: 1)
    }

    // MARK: Getters

    /// Whether the node echoes this one's heartbeats. Of this node, true.
    public func isAlive(_ node: NodeID) -> Bool {
        node == self.node || peerPlaces[node.rawValue].map { peers[Int($0)].isAlive } ?? false
    }

    /// The newest view that all engines have installed.
    public func view(of group: UInt64) -> View? {
        place(of: group).flatMap { groups[$0].installed?.view }
    }

    /// Whether that view is known to be active.
    public func isActive(group: UInt64) -> Bool {
        place(of: group).map { groups[$0].isActive } ?? false
    }

    /// When `tick` has something to do next, if nothing comes before.
    public var wakeAt: Tick {
        peers.reduce(touched.isEmpty ? groupsWakeAt : now) { wake, peer in
            peer.beats ? min(wake, peer.nextHeartbeat) : wake
        }
    }

    func place(of group: UInt64) -> Int? { groupPlaces[group].map(Int.init) }

    func place(ofPeer node: NodeID) -> Int? { peerPlaces[node.rawValue].map(Int.init) }

    // MARK: Outputs

    /// The next record to be put on disk.
    public mutating func pollRecord() -> GroupRecord? { recordsOut.pop() }

    /// The next order, to every engine of the node.
    public mutating func pollOrder() -> EngineOrder? { ordersOut.pop() }

    /// The next message, to a node's first engine.
    public mutating func pollMessage() -> (to: NodeID, message: MemberMessage)? {
        while let next = messagesOut.pop() {
            var message = next.message
            // Rule 12: no grant overtakes what was promised.
            if case .grant(let grant) = message, peers[next.peer].isBehind {
                message = .grant(LeaseGrant(sentAt: grant.sentAt, isGranted: false))
            }
            return (peers[next.peer].node, message)
        }
        return nil
    }

    mutating func send(_ message: MemberMessage, to peer: Int) {
        messagesOut.append(MemberDispatch(peer: peer, message: message))
    }

    // MARK: Commands

    /// Whether this node is to lead nothing, because it will be taken away.
    public mutating func setDraining(_ isDraining: Bool) { set(.draining, isDraining) }

    /// Whether this node has lost all routers or all edges. It hands over if its peers have not.
    // DESIGN part 5, rule 14.
    public mutating func setCutOff(_ isCutOff: Bool, at now: Tick) {
        self.now = now
        set(.cutOff, isCutOff)
    }

    /// Since when somebody is cut off of whom this is heard now.
    mutating func cutOffBegins(_ isCutOff: Bool) -> Tick? {
        guard isCutOff else { return nil }
        cutOffDueAt = now + settings.cutOffNanoseconds
        return now
    }

    /// Time to act upon somebody's being cut off.
    mutating func considerCutOff() {
        guard let due = cutOffDueAt, due <= now else { return }
        cutOffDueAt = nil
        touchAll()
    }

    /// This node is about to stop: its peers do without it from now on. There is no way back but
    /// another start.
    public mutating func leave() { set(.leaving, true) }

    /// Whether every group runs by a view without this start, as far as is known here; or nobody
    /// lives with whom it could.
    public var isReplaced: Bool {
        groups.allSatisfy { group in
            let others = group.roster.filter { peers[$0.peer].isAlive }
            return others.isEmpty
                || others.contains {
                    $0.told.map { $0.isActive && $0.installed > group.installedBallot } ?? true
                }
        }
    }

    private mutating func set(_ mark: HeartbeatMarks, _ isSet: Bool) {
        guard marks.contains(mark) != isSet else { return }
        if isSet { marks.insert(mark) } else { marks.remove(mark) }
        if mark == .cutOff { cutOffSince = cutOffBegins(isSet) }
        // At once, or who is given a bucket would give it back.
        for peer in peers.indices { peers[peer].nextHeartbeat = now }
        beat()
        touchAll()
        settle()
    }

    // MARK: Looking at groups

    mutating func touch(_ group: Int) {
        guard !groups[group].isTouched else { return }
        groups[group].isTouched = true
        touched.append(group)
    }

    mutating func touchAll() {
        for group in groups.indices { touch(group) }
    }

    /// Touches the groups that a peer is in.
    mutating func touch(peer: Int) {
        for group in groups.indices where groups[group].associate(peer) != nil { touch(group) }
    }

    /// Does what the inputs since the last call have made due.
    mutating func settle() {
        var next = 0
        while next < touched.count {
            let group = touched[next]
            groups[group].isTouched = false
            look(at: group)
            next += 1
        }
        touched.removeAll(keepingCapacity: true)
        leaveGroups()
    }

    /// Everything that a group may have to do now; and when it will have next.
    mutating func look(at group: Int) {
        groups[group].wakeAt = Tick(rawValue: .max)
        guard !mayLeave(group) else { return groups[group].isOver = true }
        considerOffer(group)
        considerActive(group)
        considerAsking(group)
        considerProposal(group)
        considerBalance(group)
        groupsWakeAt = min(groupsWakeAt, groups[group].wakeAt)
    }

    /// What must hold between calls.
    public func checkInvariants() {
        for group in groups {
            let installed = group.installed?.view.ballot ?? .none
            precondition(group.promised >= installed, "installed above the promise")
            precondition(!group.isActive || group.installed != nil)
            if let view = group.installed?.view {
                // Beyond it while the next view is on its way to the engines.
                precondition(group.record?.generation ?? 0 >= view.ballot.generation)
                precondition(
                    group.record?.configuration ?? 0 >= view.configuration
                        || group.record?.generation ?? 0 > view.ballot.generation)
                let own = view.seat(of: node)
                precondition(own.map { view.incarnations[$0] } == incarnation, "not named")
            }
            precondition(group.proposal.map { $0.ballot >= group.promised } ?? true)
        }
        precondition(touched.isEmpty, "a group was not looked at")
    }
}

/// A message and the peer that it goes to.
struct MemberDispatch {
    let peer: Int
    let message: MemberMessage
}

/// What happened, for the status page.
public struct MemberCounters: Hashable, Sendable, BitwiseCopyable {
    public var ballotsProposed: UInt64 = 0
    public var viewsBuilt: UInt64 = 0
    public var viewsInstalled: UInt64 = 0
    public var viewsActive: UInt64 = 0
    public var generationsOpened: UInt64 = 0
    /// Buckets that began anew in views built here, as all their copies were lost.
    public var bucketsBegun: UInt64 = 0
    public var handOversOrdered: UInt64 = 0
    public var peersSuspected: UInt64 = 0
    public var messagesLost: UInt64 = 0
    public var noticesLost: UInt64 = 0
    /// This node didn't tick for longer than the settings allow.
    public var pauses: UInt64 = 0
}
