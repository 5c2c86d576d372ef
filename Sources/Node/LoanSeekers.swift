// Packets that wait for a port on loan. One loan is sought for a flow, however many packets of it come
// meanwhile: they wait behind the first, in their order.

import Tables
import Translation
import Wire

/// A packet that waits for a loan, or behind one of its flow that does.
struct LoanSeeker {
    var work: Work
    /// EIPs that had no port, in the order of the inside address.
    var refusedEIPs = 0
    /// Of the flow's first: the last that waits behind it.
    var last: UInt32?
    /// The next packet of the flow.
    var next: UInt32?
}

/// Those that seek a loan, by token and by flow. Nothing is allocated after `init`.
struct LoanSeekers: ~Copyable {
    private var parking: Parking<LoanSeeker>
    /// By a flow's hash: the token of its first packet.
    private var firsts: IdentifierMap

    init(capacity: Int, seed: UInt64) {
        parking = Parking(capacity: capacity)
        firsts = IdentifierMap(capacity: capacity, seed: seed)
    }

    var count: Int { parking.count }

    /// Packets of one resource. Linear.
    func count(of resource: Int) -> Int {
        parking.count { $0.work.arrival.resource == resource }
    }

    /// Keeps a packet behind the one of its flow that seeks already. Nil if there is none, false if
    /// there is no room.
    mutating func follow(_ work: Work) -> Bool? {
        guard count > 0, let first = firsts[work.hash],
            parking[first].work.arrival.summary.tuple == work.arrival.summary.tuple,
            parking[first].work.arrival.scope == work.arrival.scope
        else { return nil }
        guard let token = parking.reserve(LoanSeeker(work: work)) else { return false }
        parking[parking[first].last ?? first].next = token
        parking[first].last = token
        return true
    }

    /// A token for a flow's first packet; nil if all are in use.
    mutating func reserve(_ seeker: LoanSeeker) -> UInt64? {
        guard let token = parking.reserve(seeker) else { return nil }
        firsts.set(seeker.work.hash, to: token)
        return UInt64(token)
    }

    /// Gives a flow's first packet back; those behind it are to be taken with `takeNext`.
    mutating func give(_ token: UInt64) -> LoanSeeker {
        let seeker = parking.give(UInt32(token))
        if firsts[seeker.work.hash] == UInt32(token) { firsts.remove(seeker.work.hash) }
        return seeker
    }

    /// The packet that waited behind another.
    mutating func takeNext(of seeker: LoanSeeker) -> LoanSeeker? {
        seeker.next.map { parking.give($0) }
    }
}
