// The beginning and the end of datagrams: by hash, and in the order of time.

public import Wire

extension FragmentCollector {
    /// Ends up to `limit` datagrams whose time is over. What waited of them is released as
    /// `fragmentTimeout`. Cost: the fragments of those.
    public mutating func tick(_ now: Tick, limit: Int) {
        var left = limit
        while left > 0, let slot = overdue(waiting.oldest, now) ?? overdue(lingering.oldest, now) {
            end(slot)
            left -= 1
        }
    }

    private func overdue(_ index: UInt32, _ now: Tick) -> Int? {
        index != noIndex && isOver(Int(index), now) ? Int(index) : nil
    }

    func isOver(_ slot: Int, _ now: Tick) -> Bool {
        let limit =
            datagrams[slot].phase == .complete
            ? capacity.lingerMilliseconds : capacity.timeoutMilliseconds
        return now - datagrams[slot].since >= limit * 1_000_000
    }

    /// A new datagram; nil if there is no room for one.
    // RFC 4787 §11 REQ-14 (a), RFC 6888 §3 REQ-5: a tenant has a share of it. Within the share the
    // oldest gives way: what is whole is so within moments, and what an attacker sends never.
    mutating func open(_ fragment: Fragment, in bucket: Int, _ now: Tick) -> Int? {
        if tenants[fragment.tenant].datagrams >= capacity.share(of: capacity.datagrams) {
            end(Int(waitingOfTenant[fragment.tenant].oldest), .fragmentQuota)
        }
        // Who lingers only guards against duplicates.
        if freeDatagrams.isEmpty, lingering.oldest != noIndex { end(Int(lingering.oldest)) }
        guard let index = freeDatagrams.popLast() else { return nil }
        let slot = Int(index)
        datagrams[slot] = Datagram(fragment, since: now)
        datagrams[slot].nextInBucket = buckets[bucket]
        buckets[bucket] = index
        if let lane = fragment.lane {
            datagrams[slot].newIdentification = identifications.next(
                toward: fragment.key.destination, fragment.key.ipProtocol, lane: lane)
        }
        count(slot) { $0.datagrams += 1 }
        linkInTime(slot)
        return slot
    }

    /// Forgets a datagram. What waits of it is released for a cause.
    mutating func end(_ slot: Int, _ cause: DropCause = .fragmentTimeout) {
        if datagrams[slot].phase != .complete {
            release(slot, .drop(cause))
            forgetFragments(slot)
            discount(slot)
        }
        unlinkInTime(slot)
        unlinkInBucket(slot)
        datagrams[slot].phase = .free
        freeDatagrams.append(UInt32(slot))
    }

    mutating func discount(_ slot: Int) { count(slot) { $0.datagrams -= 1 } }
}

// MARK: By hash

extension FragmentCollector {
    func bucket(of key: FragmentKey) -> Int {
        var hash = SipHash13(key0: seed, key1: key.scope)
        let source = key.source.mapped
        let destination = key.destination.mapped
        hash.combine(source.high)
        hash.combine(source.low)
        hash.combine(destination.high)
        hash.combine(destination.low)
        hash.combine(UInt64(key.ipProtocol.rawValue) << 32 | UInt64(key.identification))
        return Int(truncatingIfNeeded: hash.finish()) & (buckets.count - 1)
    }

    func find(_ key: FragmentKey, in bucket: Int) -> Int? {
        var index = buckets[bucket]
        while index != noIndex {
            if datagrams[Int(index)].key == key { return Int(index) }
            index = datagrams[Int(index)].nextInBucket
        }
        return nil
    }

    private mutating func unlinkInBucket(_ slot: Int) {
        let bucket = bucket(of: datagrams[slot].key)
        let next = datagrams[slot].nextInBucket
        if buckets[bucket] == UInt32(slot) {
            buckets[bucket] = next
            return
        }
        var index = Int(buckets[bucket])
        while datagrams[index].nextInBucket != UInt32(slot) {
            index = Int(datagrams[index].nextInBucket)
        }
        datagrams[index].nextInBucket = next
    }
}

// MARK: In the order of time

extension FragmentCollector {
    /// To the end of the list of its phase: `since` is now.
    mutating func linkInTime(_ slot: Int) {
        let index = UInt32(slot)
        let newest = datagrams[slot].phase == .complete ? lingering.newest : waiting.newest
        datagrams[slot].older = newest
        datagrams[slot].newer = noIndex
        if newest != noIndex { datagrams[Int(newest)].newer = index }
        withList(slot) { list in
            if list.oldest == noIndex { list.oldest = index }
            list.newest = index
        }
        if datagrams[slot].phase != .complete { linkToTenant(slot) }
    }

    private mutating func linkToTenant(_ slot: Int) {
        let tenant = Int(datagrams[slot].tenant)
        let newest = waitingOfTenant[tenant].newest
        datagrams[slot].olderOfTenant = newest
        datagrams[slot].newerOfTenant = noIndex
        if newest == noIndex {
            waitingOfTenant[tenant].oldest = UInt32(slot)
        } else {
            datagrams[Int(newest)].newerOfTenant = UInt32(slot)
        }
        waitingOfTenant[tenant].newest = UInt32(slot)
    }

    private mutating func unlinkFromTenant(_ slot: Int) {
        let tenant = Int(datagrams[slot].tenant)
        let older = datagrams[slot].olderOfTenant
        let newer = datagrams[slot].newerOfTenant
        if older == noIndex {
            waitingOfTenant[tenant].oldest = newer
        } else {
            datagrams[Int(older)].newerOfTenant = newer
        }
        if newer == noIndex {
            waitingOfTenant[tenant].newest = older
        } else {
            datagrams[Int(newer)].olderOfTenant = older
        }
    }

    mutating func unlinkInTime(_ slot: Int) {
        let older = datagrams[slot].older
        let newer = datagrams[slot].newer
        if older != noIndex { datagrams[Int(older)].newer = newer }
        if newer != noIndex { datagrams[Int(newer)].older = older }
        withList(slot) { list in
            if older == noIndex { list.oldest = newer }
            if newer == noIndex { list.newest = older }
        }
        if datagrams[slot].phase != .complete { unlinkFromTenant(slot) }
    }

    private mutating func withList(_ slot: Int, _ change: (inout DatagramList) -> Void) {
        if datagrams[slot].phase == .complete { change(&lingering) } else { change(&waiting) }
    }
}
