// The member's inputs: messages of other nodes, reports of this node's engines, and time.

public import Wire

extension Member {
    /// Takes a message of the node's present start.
    public mutating func handle(_ message: MemberMessage, from node: NodeID, at now: Tick) {
        self.now = now
        // What came while the node stood still is read before the first tick.
        forgivePause()
        guard let place = place(ofPeer: node),
            peers[place].incarnation != nil
        else { return }
        switch message {
        case .heartbeat(let heartbeat): handle(heartbeat, from: place)
        case .grant(let grant): handle(grant, from: place)
        case .reach(let notice): handle(notice, from: place)
        case .standing(let standing): handle(standing, from: place)
        case .prepare(let prepare): handle(prepare, from: place)
        case .promise(let part): handle(part, from: place)
        case .view(let part): handle(part, from: place)
        case .leads(let notice): handle(notice, from: place)
        }
        settle()
    }

    /// Takes a report of one of this node's engines.
    public mutating func handle(_ report: EngineReport, from engine: Int, at now: Tick) {
        self.now = now
        switch report {
        case .frozen(let group, let ballot, let standings):
            frozen(group, ballot, standings, engine: engine)
        case .filled(let group, let ballot, let bucket):
            filled(group, ballot, bucket)
        case .lost(let group, let ballot, let bucket):
            lost(group, ballot, bucket)
        case .led(let group, let ballot, let bucket, let term, let seat):
            led(group, ballot, bucket, term, seat)
        case .installed(let group, let ballot):
            installed(group, ballot, engine: engine)
        }
        settle()
    }

    /// Does what time makes due. Every few milliseconds, after what has come in was handled: else a
    /// peer is suspected whose answer lies unread.
    public mutating func tick(_ now: Tick) {
        self.now = now
        forgivePause()
        suspect()
        considerCutOff()
        catchUp()
        beat()
        settle()
        for group in groups.indices where groups[group].wakeAt <= now { look(at: group) }
        settle()
        groupsWakeAt = groups.reduce(Tick(rawValue: .max)) { min($0, $1.wakeAt) }
    }
}
