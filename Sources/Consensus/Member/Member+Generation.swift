// Beginning anew: when Q members of the newest configuration have nothing in memory, everything that
// the group decided is void. A group's first start is the same, with nothing to void. DESIGN part 5,
// rule 19.

import Wire

extension Member {
    /// This member is empty: does it have to open a generation?
    mutating func considerGeneration(_ group: Int) {
        guard groups[group].installing == nil, groups[group].offered == nil,
            let base = newestConfiguration(group), base.members.contains(node)
        else { return groups[group].trouble = nil }
        let live = liveSet(of: base.members, in: group)
        let empties = empties(group, base.members).intersection(live)
        guard empties.count >= quorum(base.members.count).promises,
            let own = base.members.firstIndex(of: node), empties.contains(seat: own)
        else { return groups[group].trouble = nil }
        if groups[group].trouble?.kind != .noMemory {
            groups[group].trouble = Trouble(kind: .noMemory, since: now)
        }
        let due = dueAt(group, base.members, live, ahead: empties.rawValue & (1 << UInt8(own) - 1))
        guard due <= now else { return groups[group].wake(at: due) }
        var record = base
        record.generation = max(base.generation + 1, groups[group].promised.generation)
        propose(group, opening: record)
    }

    /// The newest configuration that any empty member has on disk, with the greatest generation.
    private func newestConfiguration(_ place: Int) -> GroupRecord? {
        let group = groups[place]
        let told = group.roster.compactMap(\.told).filter(\.isEmpty)
        let newest = told.reduce(group.record?.configuration ?? 0) { max($0, $1.configuration) }
        let generation = group.roster.compactMap(\.told).reduce(group.record?.generation ?? 0) {
            max($0, $1.generation)
        }
        // A member with nothing on disk counts only in configuration 1.
        let number = max(newest, 1)
        if let record = group.record, record.configuration == number {
            return GroupRecord(
                group: record.group, generation: generation, configuration: number,
                members: record.members)
        }
        guard group.plan.configuration == number else { return nil }
        return GroupRecord(
            group: group.plan.id, generation: generation, configuration: number,
            members: group.plan.members)
    }

    private func empties(_ place: Int, _ members: [NodeID]) -> SeatSet {
        members.indices.reduce(into: []) { set, seat in
            if members[seat] == node { return set.formUnion(SeatSet(seat: seat)) }
            guard let associate = groups[place].associate(of: members[seat]),
                let told = groups[place].roster[associate].told, told.isEmpty
            else { return }
            set.formUnion(SeatSet(seat: seat))
        }
    }

    /// At once when all members reach each other and have said where they stand; else after some time
    /// for them to come.
    private func dueAt(
        _ place: Int, _ members: [NodeID], _ live: SeatSet, ahead: UInt8
    ) -> Tick {
        let group = groups[place]
        let isComplete = members.indices.allSatisfy { seat in
            live.contains(seat: seat)
                && (members[seat] == node
                    || group.associate(of: members[seat]).map { group.roster[$0].told != nil }
                        ?? false)
        }
        let since = group.trouble?.since ?? now
        let steps = UInt64(ahead.nonzeroBitCount) * settings.stepNanoseconds
        let tries = UInt64(group.attempts) * 2 * settings.stepNanoseconds
        // As long as a proposer waits for all that live, and more.
        let promised = group.promised == .none ? 0 : 4 * settings.promiseNanoseconds
        return max(since, group.progressAt + promised)
            + (isComplete ? 0 : settings.gatherNanoseconds) + steps + min(tries, 200_000_000)
    }
}
