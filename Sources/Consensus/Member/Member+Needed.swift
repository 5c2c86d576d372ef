// Whether the cluster can do without a node: what its stop, and an operator, wait for. DESIGN part 5,
// rules 9 and 14.

import Wire

extension Member {
    /// Whether a bucket would have no full copy at nodes that stay, if this one stopped now with its
    /// memory; or may have none, because this node takes no part in a view that is known active.
    /// Linear in the groups' buckets.
    ///
    /// That it leads nothing is not enough: a bucket waits without a leader for one that keeps the only
    /// full copy, when others took that one for dead.
    public var isNeeded: Bool { groups.indices.contains { isNeeded(in: $0) } }

    private func isNeeded(in place: Int) -> Bool {
        let group = groups[place]
        guard !group.isEmpty, somebodyStays(place) else { return false }
        guard group.isActive, let view = group.installed?.view, let own = view.seat(of: node),
            view.incarnations[own] == incarnation, group.promised == view.ballot
        else { return true }
        let staying = staying(place, view)
        let full = fullSeats(place, view)
        return view.buckets.indices.contains { bucket in
            guard view.buckets[bucket].isOpen else { return true }
            let isKept = view.buckets[bucket].replicas.contains(seat: own)
            return isKept && full[bucket].intersection(staying).isEmpty
        }
    }

    /// When the whole cluster stops nobody is needed. Those that are not heard may be back.
    private func somebodyStays(_ group: Int) -> Bool {
        groups[group].roster.contains { !goes(peers[$0.peer]) }
    }

    private func staying(_ group: Int, _ view: View) -> SeatSet {
        groups[group].roster.reduce(into: []) { staying, associate in
            let peer = peers[associate.peer]
            guard peer.isAlive, !goes(peer), let seat = view.seat(of: associate.node) else {
                return
            }
            staying.formUnion(SeatSet(seat: seat))
        }
    }

    private func goes(_ peer: MemberPeer) -> Bool {
        peer.isLeaving || peer.marks.contains(.draining)
    }
}
