// What an operator wants to read in the log: who was lost and found, and which view came, and why.

public import Wire

/// Something that a member did or saw. Of what comes faster than it is read the rest is counted.
public enum MemberNotice: Hashable, Sendable {
    /// A peer echoed no heartbeat for `silence` nanoseconds: it is taken for dead.
    case lost(node: NodeID, silence: UInt64)
    /// A peer echoes heartbeats again, or for the first time since it started.
    case found(node: NodeID)
    /// This node stood still for `nanoseconds`: no turn was made.
    case stoodStill(nanoseconds: UInt64)
    /// This member begins a ballot.
    case proposed(group: UInt64, ballot: Ballot, reason: ViewReason)
    /// A view runs here. `missing`: its members that don't take part in it.
    case installed(group: UInt64, ballot: Ballot, missing: [NodeID])
}

/// Why a member wants another view than the one that runs.
public enum ViewReason: String, Hashable, Sendable, CaseIterable {
    /// A member died, is cut off, or started again.
    case left
    /// A member that the view leaves out lives.
    case joined
    /// A change of view was begun, and none came of it.
    case stalled
    /// All is full, and some copies are too many.
    case unbalanced
    /// The placement names other members.
    case configuration
    /// Too many lost their memory: a generation is opened, or the group begins.
    case noMemory = "no-memory"
}

extension Member {
    /// The next thing for the log.
    public mutating func pollNotice() -> MemberNotice? { noticesOut.pop() }

    /// Notices beyond this many that nobody has polled are lost, and counted.
    private static var mostNotices: Int { 1024 }

    mutating func note(_ notice: MemberNotice) {
        guard noticesOut.count < Self.mostNotices else { return counters.noticesLost += 1 }
        noticesOut.append(notice)
    }
}
