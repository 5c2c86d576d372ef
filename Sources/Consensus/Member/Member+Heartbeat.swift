// Heartbeats and grants between nodes. A grant echoes a heartbeat: by it a peer lives, and by it a
// lease runs. DESIGN part 5, rules 12 and 14.

public import Wire

extension Member {
    /// Whether the channel to a node has little outstanding: heartbeats are only sent then.
    public mutating func note(room: Bool, to node: NodeID) {
        guard let peer = place(ofPeer: node) else { return }
        peers[peer].hasRoom = room
    }

    /// The message that was polled last could not be sent: the channel was full. All is told again
    /// later, and nothing is granted until then.
    public mutating func lost(to node: NodeID) {
        guard let peer = place(ofPeer: node) else { return }
        peers[peer].owedFrom = 0
        counters.messagesLost += 1
    }

    mutating func handle(_ heartbeat: Heartbeat, from peer: Int) {
        if peers[peer].marks != heartbeat.marks {
            let isCutOff = heartbeat.marks.contains(.cutOff)
            if isCutOff != peers[peer].marks.contains(.cutOff) {
                peers[peer].cutOffSince = cutOffBegins(isCutOff)
            }
            peers[peer].marks = heartbeat.marks
            // Nobody waits until it is suspected.
            if peers[peer].isLeaving && peers[peer].isAlive { setAlive(peer, false) }
            touch(peer: peer)
        }
        send(
            .grant(LeaseGrant(sentAt: heartbeat.sentAt, isGranted: !peers[peer].isBehind)),
            to: peer)
    }

    // Rule 12: a grant runs, for the holder, from the sending of the heartbeat.
    mutating func handle(_ grant: LeaseGrant, from peer: Int) {
        guard grant.sentAt <= now, let incarnation = peers[peer].incarnation else { return }
        peers[peer].hear(grant.sentAt)
        let isInTime = now - grant.sentAt < settings.suspectNanoseconds
        if !peers[peer].isAlive, !peers[peer].isLeaving, isInTime {
            peers[peer].answeredLate(at: now)
            setAlive(peer, true)
        }
        guard grant.isGranted else { return }
        ordersOut.append(
            .grant(
                node: peers[peer].node, incarnation: incarnation,
                until: grant.sentAt + settings.leaseNanoseconds))
    }

    /// Sends the heartbeats that are due.
    mutating func beat() {
        for peer in peers.indices where peers[peer].beats && peers[peer].nextHeartbeat <= now {
            // One that can't be sent now isn't sent late: it would be counted from its sending.
            peers[peer].nextHeartbeat = now + settings.heartbeatNanoseconds
            peers[peer].expectEcho(now)
            guard peers[peer].hasRoom else { continue }
            send(.heartbeat(Heartbeat(sentAt: now, marks: marks)), to: peer)
        }
    }

    /// Goes on telling those that have to be told everything.
    mutating func catchUp() {
        for peer in peers.indices where peers[peer].isBehind && peers[peer].hasRoom {
            tellMore(to: peer)
        }
    }

    /// Where this member stands in the groups in common, some at a time so that the channel takes
    /// them, and before the first whom it reaches.
    mutating func tellMore(to peer: Int) {
        guard peers[peer].incarnation != nil, let first = peers[peer].owedFrom else { return }
        if first == 0 { tellReach(to: peer) }
        let end = min(first + Self.groupsAtOnce, groups.count)
        for group in groups.indices[min(first, end)..<end]
        where groups[group].associate(peer) != nil {
            tell(group, to: peer)
        }
        peers[peer].owedFrom = end == groups.count ? nil : end
    }

    /// Standings to one peer in one turn: a quarter of what a channel holds.
    private static var groupsAtOnce: Int { 200 }
}
