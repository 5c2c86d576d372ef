// What a member knows of another node, whatever groups they share.

import Wire

struct MemberPeer {
    let node: NodeID
    /// The start whose stream is open; nil before the first.
    var incarnation: Incarnation?
    var isAlive = false
    /// When the heartbeats were sent that it has not echoed, the oldest first; as many as are needed
    /// to know how long it owes an answer.
    private(set) var unanswered: [Tick] = []
    /// Pauses of this node for which it was forgiven since it was last heard.
    private var forgiven = 0
    /// How often it was suspected and then answered, the same start, less what is long ago.
    private var doublings: UInt64 = 0
    private var doubledAt = Tick(rawValue: 0)
    var nextHeartbeat = Tick(rawValue: 0)
    var hasRoom = true
    /// The first of the groups that it has to be told of, because its stream began or a message was
    /// lost; nil if none. Nothing is granted before all are told.
    var owedFrom: Int?
    var marks: HeartbeatMarks = []
    var cutOffSince: Tick?
    /// Groups in common.
    var groupCount = 0
    /// By place among the peers: whether it reaches that one, as it tells.
    private var reached: [Bool] = []

    init(node: NodeID) { self.node = node }

    var isBehind: Bool { owedFrom != nil }

    var isLeaving: Bool { marks.contains(.leaving) }

    /// Whether heartbeats go to it.
    var beats: Bool { incarnation != nil && groupCount > 0 }

    func reaches(_ peer: Int) -> Bool { peer < reached.count && reached[peer] }

    mutating func set(_ peer: Int, isReachable: Bool) {
        while reached.count <= peer { reached.append(false) }
        reached[peer] = isReachable
    }

    /// How long it has owed an answer.
    func silence(at now: Tick) -> UInt64 { unanswered.first.map { now - $0 } ?? 0 }

    mutating func expectEcho(_ sentAt: Tick) {
        guard unanswered.count < Self.mostUnanswered else { return }
        unanswered.append(sentAt)
    }

    /// It echoed a heartbeat, and has thereby answered all that were sent before.
    mutating func hear(_ sentAt: Tick) {
        unanswered.removeAll { $0 <= sentAt }
        forgiven = 0
    }

    mutating func forgetHeartbeats() {
        unanswered.removeAll(keepingCapacity: true)
        forgiven = 0
    }

    /// This node stood still until now: what the peer owes counts from now on, but not for ever.
    mutating func forgive(at now: Tick) {
        guard !unanswered.isEmpty, forgiven < Self.mostForgiven else { return }
        forgiven += 1
        unanswered = [now]
    }

    /// It answered as the start that was taken for dead: it was slow, or its link or this node was.
    mutating func answeredLate(at now: Tick) {
        doublings = min(patience(at: now) + 1, Self.mostPatience)
        doubledAt = now
    }

    /// By how many doublings more than usual it may owe an answer before it is suspected, and waits
    /// before a view takes it in again.
    // A view costs messages and copies: on machines that are short of time, views for every pause
    // would take the time that is left, and make the next pause.
    func patience(at now: Tick) -> UInt64 {
        doublings - min(doublings, (now - doubledAt) / Self.patienceNanoseconds)
    }

    private static var mostPatience: UInt64 { 3 }
    /// One doubling is forgotten in this time.
    private static var patienceNanoseconds: UInt64 { 10_000_000_000 }
    private static var mostUnanswered: Int { 32 }
    private static var mostForgiven: Int { 2 }

    mutating func forgetReach() { reached.removeAll(keepingCapacity: true) }
}
