// What a member knows of another node, whatever groups they share.

import Wire

struct MemberPeer {
    let node: NodeID
    /// The start whose stream is open; nil before the first.
    var incarnation: Incarnation?
    var isAlive = false
    /// When the newest heartbeat that it has echoed was sent, or its stream began.
    var heardAt = Tick(rawValue: 0)
    var nextHeartbeat = Tick(rawValue: 0)
    var hasRoom = true
    /// The first of the groups that it has to be told of, because its stream began or a message was
    /// lost; nil if none. Nothing is granted before all are told.
    var owedFrom: Int?
    var marks: HeartbeatMarks = []
    /// Groups in common.
    var groupCount = 0
    /// By place among the peers: whether it reaches that one, as it tells.
    private var reached: [Bool] = []

    init(node: NodeID) { self.node = node }

    var isBehind: Bool { owedFrom != nil }

    /// Whether heartbeats go to it.
    var beats: Bool { incarnation != nil && groupCount > 0 }

    func reaches(_ peer: Int) -> Bool { peer < reached.count && reached[peer] }

    mutating func set(_ peer: Int, isReachable: Bool) {
        while reached.count <= peer { reached.append(false) }
        reached[peer] = isReachable
    }

    mutating func forgetReach() { reached.removeAll(keepingCapacity: true) }
}
