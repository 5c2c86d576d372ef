// Who leads which bucket of which group, as the configuration, and later the view, has it.

import Tables
import Wire

/// Routes by group and bucket. Fixed capacity; a group keeps its slot for ever, so that its loans do.
struct LoanRoutes: ~Copyable {
    let bucketCount: Int
    private var groups: IdentifierMap
    private var routes: [LoanRoute]
    private var usedSlots = 0
    private let groupCapacity: Int

    init(groupCapacity: Int, bucketCount: Int, seed: UInt64) {
        self.bucketCount = bucketCount
        groups = IdentifierMap(capacity: groupCapacity, seed: seed)
        routes = Array(repeating: .nobody, count: groupCapacity * bucketCount)
        self.groupCapacity = groupCapacity
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

    /// Gives a group its slot. False if there is no room for another.
    mutating func add(_ group: UInt64) -> Bool {
        guard slot(of: group) == nil else { return true }
        guard usedSlots < groupCapacity else { return false }
        groups.set(group, to: UInt32(usedSlots))
        usedSlots += 1
        return true
    }

    /// False if there is no room for another group.
    mutating func set(_ group: UInt64, _ bucket: BucketIndex, to route: LoanRoute) -> Bool {
        precondition(Int(bucket.rawValue) < bucketCount)
        guard add(group), let slot = slot(of: group) else { return false }
        routes[slot * bucketCount + Int(bucket.rawValue)] = route
        return true
    }

    mutating func clear(_ group: UInt64) {
        guard let slot = slot(of: group) else { return }
        for index in slot * bucketCount..<(slot + 1) * bucketCount { routes[index] = .nobody }
    }
}
