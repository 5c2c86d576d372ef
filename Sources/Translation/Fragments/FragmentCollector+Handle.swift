// One fragment: does it fit into its datagram, and may it go on.

public import Wire

extension FragmentCollector {
    /// Takes one fragment. Cost: the fragments of its datagram, at most
    /// `capacity.fragmentsPerDatagram`, and none of them if they come in order.
    public mutating func handle(_ fragment: Fragment, at now: Tick) -> FragmentVerdict {
        precondition(fragment.tenant >= 0 && fragment.tenant < tenants.count)
        let bucket = bucket(of: fragment.key)
        if let slot = find(fragment.key, in: bucket) {
            if let verdict = followUp(fragment, slot, now) { return verdict }
        }
        guard fragment.isPossible else { return .drop(.fragmentContradiction) }
        guard let slot = open(fragment, in: bucket, now) else { return .drop(.fragmentQuota) }
        return add(fragment, to: slot, now)
    }

    /// A fragment of a datagram that is known. Nil if that is over, so that this one begins another
    /// with the same identification.
    private mutating func followUp(
        _ fragment: Fragment, _ slot: Int, _ now: Tick
    ) -> FragmentVerdict? {
        if isOver(slot, now) {
            end(slot)
            return nil
        }
        switch datagrams[slot].phase {
        case .open:
            return add(fragment, to: slot, now)
        case .condemned:
            return .drop(datagrams[slot].cause)
        case .complete:
            guard let total = datagrams[slot].total, fragment.end > Int(total) else {
                return .drop(.fragmentDuplicate)
            }
            end(slot)
            return nil
        case .free:
            preconditionFailure("only known datagrams are found")
        }
    }

    private mutating func add(
        _ fragment: Fragment, to slot: Int, _ now: Tick
    ) -> FragmentVerdict {
        guard fragment.isPossible, agrees(fragment, slot) else {
            return condemn(slot, .fragmentContradiction)
        }
        let place: Place
        switch find(fragment, in: slot) {
        case .duplicate: return .drop(.fragmentDuplicate)
        case .contradiction: return condemn(slot, .fragmentContradiction)
        // RFC 5722 §4: the whole datagram, with those fragments of it that are yet to come.
        case .overlap: return condemn(slot, .fragmentOverlap)
        case .free(let found): place = found
        }
        let waits = datagrams[slot].ports == nil && fragment.ports == nil
        makeRoom(beside: slot, waits: waits)
        guard hasRoom(slot, waits: waits) else { return condemn(slot, .fragmentQuota) }
        insert(fragment, slot, place, waits: waits)
        if waits { return .wait }
        return letGo(fragment, slot, now)
    }

    /// Lets the tenant's oldest datagrams go, a few at most, until there is room for one more fragment
    /// of another.
    private mutating func makeRoom(beside slot: Int, waits: Bool) {
        let tenant = Int(datagrams[slot].tenant)
        for _ in 0..<4 where !hasRoom(slot, waits: waits) {
            let oldest = waitingOfTenant[tenant].oldest
            guard oldest != noIndex, Int(oldest) != slot else { return }
            end(Int(oldest), .fragmentQuota)
        }
    }

    // RFC 4787 §11 REQ-14: whichever comes first.
    /// Passes the fragment, and after a first one all that waited for it.
    private mutating func letGo(
        _ fragment: Fragment, _ slot: Int, _ now: Tick
    ) -> FragmentVerdict {
        if let ports = fragment.ports { datagrams[slot].ports = ports }
        guard let pass = datagrams[slot].pass else {
            preconditionFailure("a fragment that doesn't wait has a first one before it")
        }
        release(slot, .pass(pass))
        if datagrams[slot].receivedBytes == datagrams[slot].total { complete(slot, now) }
        return .pass(pass)
    }

    // RFC 791 §3.2: the last fragment tells the length, and there is one last fragment.
    private func agrees(_ fragment: Fragment, _ slot: Int) -> Bool {
        let farthest = datagrams[slot].farthest
        let reached = farthest == noIndex ? 0 : seen[Int(farthest)].end
        if let total = datagrams[slot].total {
            return fragment.moreFragments ? fragment.end < total : fragment.end == total
        }
        return fragment.moreFragments || fragment.end >= reached
    }

    /// Nothing of the datagram is to pass any more, for a reason that the caller found: its flow
    /// was denied. Fragments that wait are released with it.
    public mutating func refuse(_ key: FragmentKey, _ cause: DropCause) {
        let bucket = bucket(of: key)
        guard let slot = find(key, in: bucket), datagrams[slot].phase == .open else { return }
        _ = condemn(slot, cause)
    }

    /// Drops what waits, and all that is yet to come.
    private mutating func condemn(_ slot: Int, _ cause: DropCause) -> FragmentVerdict {
        release(slot, .drop(cause))
        forgetFragments(slot)
        datagrams[slot].phase = .condemned
        datagrams[slot].cause = cause
        return .drop(cause)
    }

    /// All has passed: it is remembered for a moment, and weighs on nobody's share.
    private mutating func complete(_ slot: Int, _ now: Tick) {
        forgetFragments(slot)
        unlinkInTime(slot)
        discount(slot)
        datagrams[slot].phase = .complete
        datagrams[slot].since = now
        linkInTime(slot)
    }
}
