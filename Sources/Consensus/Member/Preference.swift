// Who should keep a bucket, best first: the leader that the placement prefers, then the others as a
// hash says, so that every member computes the same and copies spread evenly.

import Wire

/// By bucket: the members' places, best first.
struct Preference {
    let members: [NodeID]
    private let places: [UInt8]

    init(_ plan: GroupPlan, bucketCount: Int) {
        self.init(plan, members: plan.members, bucketCount: bucketCount)
    }

    /// For other members than the plan's: those that aren't in it come last.
    init(_ plan: GroupPlan, members: [NodeID], bucketCount: Int) {
        let leaders = plan.preferredLeaders.map { leader in
            Int(leader) < plan.members.count ? plan.members[Int(leader)] : nil
        }
        self.members = members
        var places: [UInt8] = []
        places.reserveCapacity(members.count * bucketCount)
        for bucket in 0..<bucketCount {
            let leader = bucket < leaders.count ? leaders[bucket] : nil
            let keys = members.map { node in
                node == leader
                    ? 0 : plan.members.contains(node) ? Self.key(plan.id, bucket, node) : .max
            }
            places += members.indices.sorted { keys[$0] < keys[$1] }.map(UInt8.init)
        }
        self.places = places
    }

    private static func key(_ group: UInt64, _ bucket: Int, _ node: NodeID) -> UInt64 {
        var hash = SipHash13(key0: 0x706c_6163_6569_7421, key1: 0x6361_7265_6675_6c6c)
        hash.combine(group)
        hash.combine(UInt64(bucket))
        hash.combine(node.rawValue)
        return max(hash.finish(), 1)
    }

    /// The best for a bucket, in order.
    func order(_ bucket: Int) -> ArraySlice<UInt8> {
        places[bucket * members.count..<(bucket + 1) * members.count]
    }

    /// The first `count` of `seats` in the bucket's order.
    func first(_ count: Int, of seats: SeatSet, bucket: Int) -> SeatSet {
        var chosen: SeatSet = []
        for place in order(bucket) where seats.contains(seat: Int(place)) {
            guard chosen.count < count else { break }
            chosen.formUnion(SeatSet(seat: Int(place)))
        }
        return chosen
    }
}
