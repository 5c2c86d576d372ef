// Members change one at a time: a dead one leaves first, then another joins; a living one is replaced
// the other way round. The placement names the members; the group takes the next step only in a view
// built on one known active, with all copies full. DESIGN part 5, rule 18.

import Wire

extension Member {
    /// The next configuration on the way to the plan's: one member more or less. Nil if there is none.
    func nextConfiguration(_ place: Int, _ view: View) -> GroupRecord? {
        let plan = groups[place].plan
        guard plan.configuration > view.configuration else { return nil }
        let leaving = view.members.filter { !plan.members.contains($0) }
        let joining = plan.members.filter { !view.members.contains($0) }
        guard let members = step(view.members, plan.members, leaving, joining) else { return nil }
        let isLast = leaving.count + joining.count == 1
        let number = isLast ? plan.configuration : view.configuration + 1
        // Numbers between are the placement's to give.
        guard isLast || number < plan.configuration, members.contains(node) else { return nil }
        return GroupRecord(
            group: plan.id, generation: view.ballot.generation, configuration: number,
            members: members)
    }

    private func step(
        _ present: [NodeID], _ planned: [NodeID], _ leaving: [NodeID], _ joining: [NodeID]
    ) -> [NodeID]? {
        let gone = leaving.first { !isAlive($0) } ?? (joining.isEmpty ? leaving.first : nil)
        let come = gone == nil ? joining.first { isAlive($0) } : nil
        guard gone != nil || come != nil else { return nil }
        // In the plan's order; those that are to leave stand last.
        let order = planned + leaving
        let members = order.filter { $0 != gone && ($0 == come || present.contains($0)) }
        return members.count <= View.mostSeats ? members : nil
    }

    /// Whether the group may take the next step: every bucket is open, every copy full.
    func mayReconfigure(_ place: Int, _ view: View) -> Bool {
        guard let next = nextConfiguration(place, view) else { return false }
        let joins = next.members.filter { !view.members.contains($0) }
        let isReady = joins.allSatisfy { member in
            groups[place].associate(of: member).map { groups[place].roster[$0].told != nil }
                ?? false
        }
        // Who stays and lives reaches whoever joins, or one of them would be left out.
        let live = liveSet(of: next.members, in: place)
        let isReached = next.members.indices.allSatisfy { seat in
            live.contains(seat: seat) || !isAlive(next.members[seat])
        }
        return isReady && isReached && isWhole(place, next.members)
            && isFilled(view, fullSeats(place, view))
            && installers(place, next.members, live).count
                >= quorum(next.members.count).promises
    }

    /// Whether every bucket is open, or waits for nobody but those that are to leave.
    // Rule 19: that they are gone for good the placement says by not naming them any more.
    private func isWhole(_ place: Int, _ next: [NodeID]) -> Bool {
        guard let founded = groups[place].installed else { return false }
        return founded.view.buckets.indices.allSatisfy { bucket in
            founded.view.buckets[bucket].isOpen
                || founded.view.members.indices.allSatisfy { seat in
                    !founded.origins[bucket].replicas.contains(seat: seat)
                        || !next.contains(founded.view.members[seat])
                }
        }
    }

    /// Those of the live that install a view of these members without waiting for others: they have one,
    /// or were never members of the group.
    func installers(_ place: Int, _ members: [NodeID], _ live: SeatSet) -> SeatSet {
        members.indices.reduce(into: []) { set, seat in
            guard live.contains(seat: seat) else { return }
            let told = groups[place].associate(of: members[seat]).flatMap {
                groups[place].roster[$0].told
            }
            let isAble = told.map { !$0.isEmpty || $0.configuration == 0 } ?? false
            if members[seat] == node || isAble { set.formUnion(SeatSet(seat: seat)) }
        }
    }

    /// The configuration that a view on `base` goes over to, if it may: the base is installed here and
    /// known active.
    func targetConfiguration(_ place: Int, _ base: FoundedView) -> GroupRecord? {
        guard groups[place].proposal?.isChange ?? false, groups[place].isActive,
            groups[place].installedBallot == base.view.ballot
        else { return nil }
        return nextConfiguration(place, base.view)
    }
}

extension FoundedView {
    /// The same with the seats of other members. A leader that isn't among them leads in name only:
    /// what is built on this looks for full copies.
    func reseated(_ members: [NodeID]) -> FoundedView {
        let seats = members.map { view.seat(of: $0) }
        var result = self
        result.view.members = members
        result.view.incarnations = seats.map { $0.map { view.incarnations[$0] } ?? .unknown }
        result.namesBefore = seats.map { $0.map { namesBefore[$0] } ?? .unknown }
        func mapped(_ set: SeatSet) -> SeatSet {
            members.indices.reduce(into: []) { new, seat in
                if seats[seat].map({ set.contains(seat: $0) }) ?? false {
                    new.formUnion(SeatSet(seat: seat))
                }
            }
        }
        for bucket in view.buckets.indices {
            let old = view.buckets[bucket]
            let leader = seats.firstIndex { $0 == Int(old.leader) }
            result.view.buckets[bucket] = BucketSeats(
                leader: old.isOpen ? UInt8(leader ?? 0) : BucketSeats.nobody,
                replicas: mapped(old.replicas), full: mapped(old.full))
            result.origins[bucket].replicas = mapped(origins[bucket].replicas)
            result.origins[bucket].full = mapped(origins[bucket].full)
        }
        return result
    }
}
