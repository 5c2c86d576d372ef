// What each bucket gets in a new view: who leads it, who keeps copies, which of them are full. Only a
// full one may lead, and of these the one that holds most. DESIGN part 5, rule 9.

import Wire

/// Builds the buckets of one view.
struct ViewBuilder {
    /// The view built on; nil at the beginning of a generation, when all copies are void.
    let base: FoundedView?
    /// The new one, without its buckets.
    let view: View
    let takesPart: SeatSet
    let quorum: Quorum
    let preference: Preference
    let unwilling: SeatSet
    /// The base is known to have been active.
    let isBaseActive: Bool
    /// By seat.
    private let promises: [HeldPromise?]

    init(
        _ view: View, on base: FoundedView?, promises: [HeldPromise], takesPart: SeatSet,
        quorum: Quorum, preference: Preference, unwilling: SeatSet, isBaseActive: Bool = false
    ) {
        self.isBaseActive = isBaseActive
        self.view = view
        self.base = base
        self.takesPart = takesPart
        self.quorum = quorum
        self.preference = preference
        self.unwilling = unwilling
        self.promises = view.members.map { member in promises.first { $0.node == member } }
    }

    private var members: [NodeID] { view.members }

    /// The view with its buckets.
    func found(bucketCount: Int) -> FoundedView {
        var view = view
        var origins: [BucketOrigin] = []
        var beginnings: [Ballot] = []
        view.buckets.reserveCapacity(bucketCount)
        origins.reserveCapacity(bucketCount)
        beginnings.reserveCapacity(bucketCount)
        for bucket in 0..<bucketCount {
            let choice = base == nil ? fresh(bucket) : choice(bucket)
            view.buckets.append(choice.seats)
            origins.append(choice.origin)
            let begins = choice.origin.ballot == view.ballot
            beginnings.append(begins ? view.ballot : base?.beginnings[bucket] ?? view.ballot)
        }
        return FoundedView(
            view: view, builtOn: base?.view.ballot ?? .none, namesBefore: namesBefore,
            origins: origins, beginnings: beginnings)
    }

    private var namesBefore: [Incarnation] {
        guard let base else { return members.map { _ in .unknown } }
        return base.view.incarnations.indices.map { seat in
            let named = base.view.incarnations[seat]
            return named == .unknown ? base.namesBefore[seat] : named
        }
    }

    private typealias Choice = (seats: BucketSeats, origin: BucketOrigin)

    /// Nothing was given out yet, or all is void: every copy is full.
    private func fresh(_ bucket: Int, origin: BucketOrigin = .none) -> Choice {
        let able = members.indices.reduce(into: SeatSet()) { set, seat in
            if promises[seat] != nil { set.formUnion(SeatSet(seat: seat)) }
        }
        let replicas = preference.first(
            quorum.copies, of: takesPart.intersection(able), bucket: bucket)
        let leader = preferred(of: replicas, bucket) ?? BucketSeats.nobody
        return (BucketSeats(leader: leader, replicas: replicas, full: replicas), origin)
    }

    private func choice(_ bucket: Int) -> Choice {
        guard let base else { return fresh(bucket) }
        let seats = base.view.buckets[bucket]
        let before = base.origins[bucket]
        guard seats.isOpen else {
            return opened(choice(bucket, as: before, names: base.namesBefore), bucket)
        }
        // Where it begins anew only who has installed the view is full: that made its records void.
        let own = BucketOrigin(
            ballot: base.view.ballot, replicas: seats.replicas,
            full: base.begins(bucket) ? [] : seats.full)
        let chosen = choice(bucket, as: own, names: base.view.incarnations)
        guard !chosen.seats.isOpen, before.ballot != .none, nothingWasDecided(bucket, seats) else {
            return opened(chosen, bucket)
        }
        // Rule 9, second sentence: then the view that it was built on counts instead.
        return opened(
            choice(bucket, as: carried(before, base), names: base.namesBefore), bucket)
    }

    /// The same, or a beginning anew if nobody is left to wait for: whoever was full has lost its memory,
    /// or is no member any more.
    // Rule 19, of one bucket.
    private func opened(_ choice: Choice, _ bucket: Int) -> Choice {
        guard !choice.seats.isOpen, choice.origin.replicas.isEmpty else { return choice }
        return fresh(
            bucket, origin: BucketOrigin(ballot: view.ballot, replicas: [], full: []))
    }

    /// A seat that was given to another start since doesn't hold what the earlier one held.
    private func carried(_ origin: BucketOrigin, _ base: FoundedView) -> BucketOrigin {
        var origin = origin
        for seat in members.indices {
            let named = base.view.incarnations[seat]
            if named != .unknown, named != base.namesBefore[seat] {
                origin.full.subtract(SeatSet(seat: seat))
            }
        }
        return origin
    }

    /// Whether one that should have acknowledged everything in the base acknowledged nothing, or too
    /// few installed the base for it to have been active.
    private func nothingWasDecided(_ bucket: Int, _ seats: BucketSeats) -> Bool {
        let without = promises.count { promise in
            promise.map { $0.installed < base?.view.ballot ?? .none } ?? false
        }
        // Rule 18: where members change these aren't the base's, of which Q would have to be counted.
        if !isBaseActive, without > members.count - quorum.promises { return true }
        return members.indices.contains { seat in
            guard seats.replicas.contains(seat: seat), let promise = promises[seat] else {
                return false
            }
            return promise.installed == base?.view.ballot
                && !promise.standings[bucket].hasAcknowledged
        }
    }

    /// The bucket's seats if the copies as of `origin` count.
    private func choice(
        _ bucket: Int, as origin: BucketOrigin, names: [Incarnation]
    ) -> Choice {
        var full: SeatSet = []
        for seat in members.indices where isFull(seat, bucket, origin, names) {
            full.formUnion(SeatSet(seat: seat))
        }
        guard let leader = leader(of: full, bucket) else { return waiting(origin) }
        let preferred = preference.first(quorum.copies, of: takesPart, bucket: bucket)
        // No full copy is given up while there are fewer than R in the new set.
        let kept =
            preferred.isSubset(of: full) && preferred.contains(seat: Int(leader))
            ? preferred
            : preference.first(quorum.copies - 1, of: full.without(Int(leader)), bucket: bucket)
                .union(SeatSet(seat: Int(leader)))
        let replicas = kept.union(preferred)
        return (
            BucketSeats(
                leader: leader, replicas: replicas, full: full.intersection(replicas)), origin
        )
    }

    /// Nobody leads until one returns that may be full; those that take part are not.
    private func waiting(_ origin: BucketOrigin) -> Choice {
        let seats = BucketSeats(
            leader: BucketSeats.nobody, replicas: origin.replicas.intersection(takesPart), full: [])
        return (
            seats,
            BucketOrigin(
                ballot: origin.ballot, replicas: origin.replicas.subtracting(takesPart),
                full: origin.full.subtracting(takesPart))
        )
    }

    /// Does the member hold every record that was committed up to the origin's view?
    private func isFull(
        _ seat: Int, _ bucket: Int, _ origin: BucketOrigin, _ names: [Incarnation]
    ) -> Bool {
        guard origin.replicas.contains(seat: seat), takesPart.contains(seat: seat),
            let promise = promises[seat], promise.standings[bucket].isFull
        else { return false }
        // Full in a later view, which few installed: it holds all that was committed before that, and
        // since the origin nothing was.
        if promise.installed >= origin.ballot { return true }
        // It promised that view as a full one, and has not installed it since.
        return origin.full.contains(seat: seat) && names[seat] == promise.incarnation
    }

    /// The one with the greatest stamp; of equal ones the preferred.
    private func leader(of full: SeatSet, _ bucket: Int) -> UInt8? {
        let greatest = members.indices.lazy.filter { full.contains(seat: $0) }
            .compactMap { promises[$0]?.standings[bucket].stamp }.max()
        let equals = members.indices.reduce(into: SeatSet()) { set, seat in
            if full.contains(seat: seat), promises[seat]?.standings[bucket].stamp == greatest {
                set.formUnion(SeatSet(seat: seat))
            }
        }
        return preferred(of: equals, bucket)
    }

    private func preferred(of seats: SeatSet, _ bucket: Int) -> UInt8? {
        let order = preference.order(bucket)
        return order.first { seats.contains(seat: Int($0)) && !unwilling.contains(seat: Int($0)) }
            ?? order.first { seats.contains(seat: Int($0)) }
    }
}
