// What the batches between nodes say of views: which was installed by enough members to be active, and
// whom it, and the members themselves, call full. Read from the wires as batches leave; so whatever a
// node knows of a view, this knows already.

import Wire

/// The groups' views, by the wires.
struct WitnessedViews {
    private(set) var groups: [UInt64: WitnessedGroup] = [:]
    private let copies: Int

    init(copies: Int) { self.copies = copies }

    /// What a batch tells of a group that no batch has told before.
    enum News { case newView(UInt64), active(UInt64) }

    /// A batch left a node. The groups of which there is a new view, or another active one.
    mutating func left(_ bytes: RawSpan) -> [News] {
        guard let header = try? BatchHeader.parse(bytes), header.kind == .messages,
            header.sender.engine == 0, header.sender.node != header.receiver.node
        else { return [] }
        var changed: [News] = []
        var offset = header.headerBytes
        let contents = bytes.extracting(0..<header.totalBytes)
        while let head = try? PeerMessageHead.parse(contents, at: offset) {
            offset = head.body.upperBound
            guard head.family == .members else { continue }
            switch MemberMessageType(rawValue: head.type) {
            case .install, .standing:
                guard let message = try? MemberMessage.parse(contents, head) else { continue }
                if let news = take(message, from: header) { changed.append(news) }
            default: continue
            }
        }
        return changed
    }

    private mutating func take(_ message: MemberMessage, from header: BatchHeader) -> News? {
        switch message {
        case .view(let part):
            let group = part.content.view.group
            return groups[group, default: WitnessedGroup()].learn(part) ? .newView(group) : nil
        case .standing(let standing):
            let before = groups[standing.group]?.active?.ballot
            groups[standing.group, default: WitnessedGroup()].take(
                standing, from: header.sender.node, header.senderIncarnation, copies: copies)
            return groups[standing.group]?.active?.ballot == before
                ? nil : .active(standing.group)
        default: return nil
        }
    }
}

/// A view as far as its parts have left a node.
private struct WitnessedView {
    var view: View
    let builtOn: Ballot
    let bucketCount: Int
    /// Buckets that begin anew in it.
    var begun: [Int] = []

    var isWhole: Bool { view.buckets.count == bucketCount }

    mutating func begin(_ part: ViewPart) {
        begun += part.content.origins.indices
            .filter { part.content.begins($0) }.map { part.firstBucket + $0 }
    }
}

/// One group's views.
struct WitnessedGroup {
    /// Whole ones, and the parts of those that are on their way. The newest last.
    private var views: [WitnessedView] = []
    /// By member: what its present start said last to anybody.
    private var told: [NodeID: Told] = [:]
    /// The newest view that Q of its members, by the starts that it names, said to have installed.
    private(set) var active: View?
    /// Buckets that began anew with it, or with one between that was never active; each with those that
    /// were full until then, by the active view before.
    private(set) var begun: [(bucket: Int, full: [(node: NodeID, incarnation: Incarnation)])] = []

    private struct Told {
        var incarnation: Incarnation
        var standing: GroupStanding
    }

    /// True if nothing was known of the view.
    fileprivate mutating func learn(_ part: ViewPart) -> Bool {
        let ballot = part.content.view.ballot
        guard let place = views.firstIndex(where: { $0.view.ballot == ballot }) else {
            guard part.firstBucket == 0 else { return false }
            if views.count == 16 { views.removeFirst() }
            views.append(
                WitnessedView(
                    view: part.content.view, builtOn: part.content.builtOn,
                    bucketCount: part.bucketCount))
            views[views.count - 1].begin(part)
            return true
        }
        guard views[place].view.buckets.count == part.firstBucket else { return false }
        views[place].view.buckets += part.content.view.buckets
        views[place].begin(part)
        return false
    }

    /// The buckets that began anew since the active view, up to one that descends from it.
    private func begun(upTo last: WitnessedView) -> Set<Int> {
        var begun = Set(last.begun)
        var ballot = last.builtOn
        while ballot > active?.ballot ?? .none,
            let view = views.first(where: { $0.view.ballot == ballot })
        {
            begun.formUnion(view.begun)
            ballot = view.builtOn
        }
        return begun
    }

    fileprivate mutating func take(
        _ standing: GroupStanding, from node: NodeID, _ incarnation: Incarnation, copies: Int
    ) {
        // What is sent again says what was.
        if let before = told[node] {
            guard incarnation.counter >= before.incarnation.counter else { return }
            if incarnation == before.incarnation,
                standing.installed < before.standing.installed
            {
                return
            }
        }
        told[node] = Told(incarnation: incarnation, standing: standing)
        for known in views where known.view.ballot > active?.ballot ?? .none && known.isWhole {
            let quorum = Quorum(members: known.view.members.count, copies: copies).promises
            guard installers(known.view) >= quorum else { continue }
            begun = begun(upTo: known).sorted().map { ($0, full(BucketIndex($0))) }
            active = known.view
        }
    }

    /// Whether a member, since this start, told to have installed anything.
    func hasInstalled(_ member: NodeID, start: UInt64) -> Bool {
        told[member].map { $0.incarnation.counter == start && $0.standing.installed != .none }
            ?? false
    }

    private func installers(_ view: View) -> Int {
        view.members.indices.count { seat in
            guard let said = told[view.members[seat]] else { return false }
            return said.incarnation == view.incarnations[seat]
                && said.standing.installed == view.ballot
        }
    }

    /// The members that hold all of a bucket, by the active view and by their own word since; each
    /// with the start that is meant.
    func full(_ bucket: BucketIndex) -> [(node: NodeID, incarnation: Incarnation)] {
        guard let active else { return [] }
        let index = Int(bucket.rawValue)
        return active.members.indices.compactMap { seat in
            let start = active.incarnations[seat]
            guard start != .unknown else { return nil }
            let said = told[active.members[seat]]
            let says =
                said?.incarnation == start && said?.standing.installed == active.ballot
                && said?.standing.full.contains(index) == true
            guard says || active.buckets[index].full.contains(seat: seat) else { return nil }
            return (active.members[seat], start)
        }
    }
}
