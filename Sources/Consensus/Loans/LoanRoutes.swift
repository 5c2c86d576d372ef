// Who leads which bucket of which group, as the configuration, and later the view, has it.

import Tables
import Wire

/// Routes by group and bucket. Fixed capacity.
struct LoanRoutes: ~Copyable {
    let bucketCount: Int
    private var groups: IdentifierMap
    private var routes: [LoanRoute]
    private var freeSlots: [Int]

    init(groupCapacity: Int, bucketCount: Int, seed: UInt64) {
        self.bucketCount = bucketCount
        groups = IdentifierMap(capacity: groupCapacity, seed: seed)
        routes = Array(repeating: .nobody, count: groupCapacity * bucketCount)
        freeSlots = Array((0..<groupCapacity).reversed())
    }

    /// Where the group's routes stand; nil for a group that isn't here.
    func slot(of group: UInt64) -> Int? { groups[group].map(Int.init) }

    func route(_ slot: Int, _ bucket: BucketIndex) -> LoanRoute {
        guard Int(bucket.rawValue) < bucketCount else { return .nobody }
        return routes[slot * bucketCount + Int(bucket.rawValue)]
    }

    func route(of group: UInt64, _ bucket: BucketIndex) -> LoanRoute {
        slot(of: group).map { route($0, bucket) } ?? .nobody
    }

    /// False if there is no room for another group.
    mutating func set(_ group: UInt64, _ bucket: BucketIndex, to route: LoanRoute) -> Bool {
        precondition(Int(bucket.rawValue) < bucketCount)
        if slot(of: group) == nil {
            guard let free = freeSlots.popLast() else { return false }
            groups.set(group, to: UInt32(free))
        }
        guard let slot = slot(of: group) else { return false }
        routes[slot * bucketCount + Int(bucket.rawValue)] = route
        return true
    }

    mutating func remove(_ group: UInt64) {
        guard let slot = groups.remove(group).map(Int.init) else { return }
        for index in slot * bucketCount..<(slot + 1) * bucketCount { routes[index] = .nobody }
        freeSlots.append(slot)
    }
}
