// Where a fragment stands among those of its datagram: a list from the farthest to the nearest, so
// that what comes in order is found at once.

import Wire

extension FragmentCollector {
    /// The fragment before which (`farther`) and behind which (`nearer`) a new one goes.
    struct Place {
        var farther: UInt32
        var nearer: UInt32
    }

    enum Finding {
        case free(Place)
        case duplicate
        /// The same bytes, but not the same end.
        case contradiction
        case overlap
    }

    func find(_ fragment: Fragment, in slot: Int) -> Finding {
        var place = Place(farther: noIndex, nearer: datagrams[slot].farthest)
        while place.nearer != noIndex {
            let other = seen[Int(place.nearer)]
            if other.end <= fragment.offset { return .free(place) }
            if Int(other.offset) < fragment.end { return meeting(fragment, other) }
            place = Place(farther: place.nearer, nearer: other.nearer)
        }
        return .free(place)
    }

    private func meeting(_ fragment: Fragment, _ other: SeenFragment) -> Finding {
        let isSame =
            Int(other.offset) == fragment.offset && Int(other.byteCount) == fragment.byteCount
        guard isSame else { return .overlap }
        return other.moreFragments == fragment.moreFragments ? .duplicate : .contradiction
    }

    /// Whether one more fragment of the datagram is within all limits.
    func hasRoom(_ slot: Int, waits: Bool) -> Bool {
        let tenant = tenants[Int(datagrams[slot].tenant)]
        guard Int(datagrams[slot].fragmentCount) < capacity.fragmentsPerDatagram,
            whole.fragments < capacity.fragments,
            tenant.fragments < capacity.share(of: capacity.fragments)
        else { return false }
        return !waits
            || whole.parked < capacity.parked
                && tenant.parked < capacity.share(of: capacity.parked)
    }

    mutating func insert(_ fragment: Fragment, _ slot: Int, _ place: Place, waits: Bool) {
        let index = firstFreeSeen
        firstFreeSeen = seen[Int(index)].nearer
        seen[Int(index)] = SeenFragment(fragment)
        seen[Int(index)].nearer = place.nearer
        if place.farther == noIndex {
            datagrams[slot].farthest = index
        } else {
            seen[Int(place.farther)].nearer = index
        }
        datagrams[slot].fragmentCount += 1
        datagrams[slot].receivedBytes += Int32(fragment.byteCount)
        if !fragment.moreFragments { datagrams[slot].total = Int32(fragment.end) }
        count(slot) { $0.fragments += 1 }
        if waits { park(index, slot) }
    }

    private mutating func park(_ index: UInt32, _ slot: Int) {
        let last = datagrams[slot].lastParked
        if last == noIndex {
            datagrams[slot].firstParked = index
        } else {
            seen[Int(last)].nextParked = index
        }
        datagrams[slot].lastParked = index
        count(slot) { $0.parked += 1 }
    }

    /// Gives all that wait to `poll`, in order of arrival. The ring has room for as many as can wait,
    /// and is emptied after every input.
    mutating func release(_ slot: Int, _ verdict: FragmentVerdict) {
        var index = datagrams[slot].firstParked
        var released = 0
        while index != noIndex {
            precondition(releaseCount < releases.count)
            let place = (releaseHead + releaseCount) % releases.count
            releases[place] = FragmentRelease(
                token: seen[Int(index)].token, tenant: Int(datagrams[slot].tenant),
                verdict: verdict)
            releaseCount += 1
            released += 1
            index = seen[Int(index)].nextParked
        }
        count(slot) { $0.parked -= released }
        datagrams[slot].firstParked = noIndex
        datagrams[slot].lastParked = noIndex
    }

    /// Frees the records of the datagram's fragments, none of which waits.
    mutating func forgetFragments(_ slot: Int) {
        var index = datagrams[slot].farthest
        while index != noIndex {
            let next = seen[Int(index)].nearer
            seen[Int(index)].nearer = firstFreeSeen
            firstFreeSeen = index
            index = next
        }
        let freed = Int(datagrams[slot].fragmentCount)
        count(slot) { $0.fragments -= freed }
        datagrams[slot].farthest = noIndex
        datagrams[slot].fragmentCount = 0
    }

    /// Changes what the datagram's tenant, and all of them, use.
    mutating func count(_ slot: Int, _ change: (inout FragmentUse) -> Void) {
        change(&tenants[Int(datagrams[slot].tenant)])
        change(&whole)
    }
}
