// Who leads which bucket, as routers, edges and the traffic generator know it: by what nodes
// announced, and before anything was, by the group's order in the snapshot. A stale table costs a
// hop, never a wrong answer (DESIGN part 5, rule 21).

public import Wire

/// The leaders of the groups that a router or edge uses.
///
/// - Commands: `use(_:)` after each snapshot.
/// - Inputs: `apply(_:)`.
/// - Getters: `leader(of:bucket:)`, `known`.
///
/// Groups are few and found by binary search; `use` and `apply` allocate.
public struct ViewTable: Sendable {
    /// A group as the snapshot names it.
    public struct Group: Hashable, Sendable {
        public var id: UInt64
        /// In rendezvous order.
        public var members: [NodeID]

        public init(id: UInt64, members: [NodeID]) {
            precondition(!members.isEmpty)
            self.id = id
            self.members = members
        }
    }

    fileprivate struct Entry: Sendable {
        var group: Group
        var ballot = Ballot.none
        var terms: [UInt32] = []
        /// By bucket; empty while nothing was announced.
        var leaders: [NodeID] = []
        /// Whom a packet goes to that nobody leads.
        var first: NodeID

        init(_ group: Group) {
            self.group = group
            first = group.members[0]
        }
    }

    public let cluster: UInt64
    public let bucketCount: Int
    /// By id.
    private var entries: [Entry] = []

    public init(cluster: UInt64, bucketCount: Int) {
        self.cluster = cluster
        self.bucketCount = bucketCount
    }

    /// Takes up a snapshot's groups: those that were known keep what was announced of them, others
    /// are forgotten.
    public mutating func use(_ groups: [Group]) {
        entries = groups.sorted { $0.id < $1.id }.map { group in
            guard let index = index(of: group.id) else { return Entry(group) }
            var kept = entries[index]
            kept.group = group
            if kept.leaders.isEmpty { kept.first = group.members[0] }
            return kept
        }
    }

    /// Takes an announcement. True if a bucket's leader or term is another than before.
    ///
    /// Of a ballot that is known, each bucket's higher term counts: two members may each know of a
    /// hand-over that the other doesn't.
    public mutating func apply(_ announcement: ViewAnnouncement) -> Bool {
        guard announcement.cluster == cluster, announcement.leads.count == bucketCount,
            let index = index(of: announcement.group),
            announcement.ballot >= entries[index].ballot
        else { return false }
        let isNewView = announcement.ballot > entries[index].ballot
        if isNewView { entries[index].begin(announcement) }
        var changed = isNewView
        for (bucket, lead) in announcement.leads.enumerated()
        where isNewView || lead.term > entries[index].terms[bucket] {
            entries[index].terms[bucket] = lead.term
            entries[index].leaders[bucket] =
                lead.seat == BucketSeats.nobody
                ? entries[index].first : announcement.members[Int(lead.seat)]
            changed = true
        }
        return changed
    }

    /// The node to send a bucket's packets to. Nil for a group that isn't in use.
    public func leader(of group: UInt64, bucket: BucketIndex) -> NodeID? {
        guard let index = index(of: group), Int(bucket.rawValue) < bucketCount else { return nil }
        let entry = entries[index]
        return entry.leaders.isEmpty ? entry.first : entry.leaders[Int(bucket.rawValue)]
    }

    /// Whether anything was announced of a group.
    public func isKnown(_ group: UInt64) -> Bool {
        index(of: group).map { entries[$0].ballot != .none } ?? false
    }

    /// What is known of each group, by id.
    public var known: [KnownView] {
        entries.map { entry in
            KnownView(
                group: entry.group.id, ballot: entry.ballot,
                change: entry.terms.reduce(0) { $0 + UInt64($1) })
        }
    }

    /// What to ask a node: what is known of the groups that it is a member of.
    public func known(toAsk node: NodeID) -> [KnownView] {
        let groups = known
        return entries.indices.filter { entries[$0].group.members.contains(node) }
            .map { groups[$0] }
    }

    private func index(of group: UInt64) -> Int? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].group.id < group { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].group.id == group ? low : nil
    }
}

extension ViewTable.Entry {
    fileprivate mutating func begin(_ announcement: ViewAnnouncement) {
        ballot = announcement.ballot
        first = announcement.members[announcement.live.first ?? 0]
        terms = Array(repeating: 0, count: announcement.leads.count)
        leaders = Array(repeating: first, count: announcement.leads.count)
    }
}
