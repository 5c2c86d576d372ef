// Hand-overs within a view concern two engines; all members of the group hear of them, so that they
// pass packets on to whoever leads now. DESIGN part 5, rules 10 and 21.

import Wire

extension Member {
    /// An engine of this node took part in a hand-over, or heard of one.
    mutating func led(
        _ id: UInt64, _ ballot: Ballot, _ bucket: BucketIndex, _ term: UInt32, _ seat: UInt8
    ) {
        guard let group = place(of: id), groups[group].view(runningAs: ballot),
            let own = groups[group].installed?.view.seat(of: node)
        else { return }
        let place = Int(bucket.rawValue)
        if Int(seat) == own {
            groups[group].led.insert(place)
            groups[group].ledAt = now
            Self.note(LedBucket(bucket: bucket, term: term), in: &groups[group].leads)
        } else {
            groups[group].led.remove(place)
            groups[group].leads.removeAll { $0.bucket == bucket }
        }
        groups[group].mustTell = true
        order(LedBucket(bucket: bucket, term: term), of: seat, in: group)
        touch(group)
    }

    /// Tells which buckets this member leads by hand-overs.
    mutating func tellLeads(_ group: Int, to peer: Int) {
        let leads = groups[group].leads
        var first = 0
        while first < leads.count {
            let end = min(first + LeadNotice.mostLeads, leads.count)
            let notice = LeadNotice(
                group: groups[group].plan.id, ballot: groups[group].installedBallot,
                leads: Array(leads[first..<end]))
            send(.leads(notice), to: peer)
            first = end
        }
    }

    mutating func handle(_ notice: LeadNotice, from peer: Int) {
        guard let group = place(of: notice.group),
            let associate = groups[group].associate(peer)
        else { return }
        let known = groups[group].roster[associate].leadsIn
        guard notice.ballot >= known else { return }
        if notice.ballot > known {
            groups[group].roster[associate].leadsIn = notice.ballot
            groups[group].roster[associate].leads.removeAll()
        }
        let before = groups[group].roster[associate].leads
        for lead in notice.leads where !before.contains(lead) {
            Self.note(lead, in: &groups[group].roster[associate].leads)
            orderLead(lead, of: associate, in: group)
        }
    }

    /// A view is installed: what was told of hand-overs in it before counts now.
    mutating func orderLeads(_ group: Int) {
        for associate in groups[group].roster.indices {
            for lead in groups[group].roster[associate].leads {
                orderLead(lead, of: associate, in: group)
            }
        }
    }

    private mutating func orderLead(_ lead: LedBucket, of associate: Int, in group: Int) {
        let member = groups[group].roster[associate]
        guard let view = groups[group].installed?.view, view.ballot == member.leadsIn,
            let seat = view.seat(of: member.node)
        else { return }
        order(lead, of: UInt8(seat), in: group)
    }

    private mutating func order(_ lead: LedBucket, of seat: UInt8, in group: Int) {
        guard Int(lead.bucket.rawValue) < settings.bucketCount else { return }
        ordersOut.append(
            .lead(
                group: groups[group].plan.id, ballot: groups[group].installedBallot,
                bucket: lead.bucket, term: lead.term, seat: seat))
    }

    private static func note(_ lead: LedBucket, in leads: inout [LedBucket]) {
        leads.removeAll { $0.bucket == lead.bucket }
        leads.append(lead)
    }
}
