// What always holds of a collector between two calls.

import Wire

extension FragmentCollector {
    /// Traps if a list, a count or a limit is wrong. For tests: it walks everything.
    public func checkInvariants() {
        var counted = Array(repeating: FragmentUse(), count: tenants.count)
        var live = 0
        for slot in datagrams.indices where datagrams[slot].phase != .free {
            live += 1
            check(slot, &counted[Int(datagrams[slot].tenant)])
        }
        precondition(live + freeDatagrams.count == capacity.datagrams)
        precondition(counted == tenants)
        precondition(whole.datagrams == counted.reduce(0) { $0 + $1.datagrams })
        precondition(whole.fragments == counted.reduce(0) { $0 + $1.fragments })
        precondition(whole.parked == counted.reduce(0) { $0 + $1.parked })
        precondition(whole.parked <= capacity.parked && whole.fragments <= capacity.fragments)
        precondition(listed(waiting) + listed(lingering) == live)
        for tenant in tenants.indices {
            precondition(listedOfTenant(tenant) == counted[tenant].datagrams)
        }
        checkFree()
    }

    private func check(_ slot: Int, _ use: inout FragmentUse) {
        let datagram = datagrams[slot]
        precondition(find(datagram.key, in: bucket(of: datagram.key)) == slot)
        if datagram.phase != .complete { use.datagrams += 1 }
        var reached = Int.max
        var bytes = 0
        var index = datagram.farthest
        var count = 0
        while index != noIndex {
            let fragment = seen[Int(index)]
            precondition(fragment.end <= reached, "fragments overlap or are out of order")
            reached = Int(fragment.offset)
            bytes += Int(fragment.byteCount)
            count += 1
            index = fragment.nearer
        }
        precondition(count == Int(datagram.fragmentCount))
        precondition(count <= capacity.fragmentsPerDatagram)
        precondition(datagram.phase != .open || bytes == Int(datagram.receivedBytes))
        precondition(datagram.phase == .open || count == 0)
        use.fragments += count
        use.parked += parked(datagram)
    }

    private func parked(_ datagram: Datagram) -> Int {
        var index = datagram.firstParked
        var count = 0
        var last = noIndex
        while index != noIndex {
            count += 1
            last = index
            index = seen[Int(index)].nextParked
        }
        precondition(last == datagram.lastParked)
        precondition(count == 0 || datagram.phase == .open && datagram.ports == nil)
        return count
    }

    private func listed(_ list: DatagramList) -> Int {
        var index = list.oldest
        var previous = noIndex
        var count = 0
        while index != noIndex {
            let datagram = datagrams[Int(index)]
            precondition(datagram.older == previous && datagram.phase != .free)
            precondition(
                previous == noIndex || datagrams[Int(previous)].since <= datagram.since)
            previous = index
            index = datagram.newer
            count += 1
        }
        precondition(previous == list.newest)
        return count
    }

    private func listedOfTenant(_ tenant: Int) -> Int {
        var index = waitingOfTenant[tenant].oldest
        var previous = noIndex
        var count = 0
        while index != noIndex {
            let datagram = datagrams[Int(index)]
            precondition(datagram.tenant == tenant && datagram.phase != .complete)
            precondition(datagram.olderOfTenant == previous)
            previous = index
            index = datagram.newerOfTenant
            count += 1
        }
        precondition(previous == waitingOfTenant[tenant].newest)
        return count
    }

    private func checkFree() {
        var index = firstFreeSeen
        var count = 0
        while index != noIndex {
            count += 1
            index = seen[Int(index)].nearer
        }
        precondition(count + whole.fragments == capacity.fragments)
    }
}
