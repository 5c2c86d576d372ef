// Shards, orders and leaders: even, stable, and the same in every release.

import Testing

import Placement

private let nodes: [UInt64] = (1...20).map { RendezvousHash.mix(0, $0) }

@Test func `a shard has k different nodes, or all if there are fewer`() {
    for tenant in UInt64(0)..<100 {
        let shard = Placement.shard(tenant: tenant, nodes: nodes, size: 5)
        #expect(shard.count == 5)
        #expect(Set(shard).count == 5)
        #expect(Set(shard).isSubset(of: nodes))
    }
    #expect(Placement.shard(tenant: 1, nodes: Array(nodes.prefix(3)), size: 5).count == 3)
    #expect(Placement.shard(tenant: 1, nodes: [], size: 5).isEmpty)
}

@Test func `the order in which nodes are listed changes no shard`() {
    for tenant in UInt64(0)..<100 {
        let shard = Placement.shard(tenant: tenant, nodes: nodes, size: 5)
        #expect(shard == Placement.shard(tenant: tenant, nodes: nodes.reversed(), size: 5))
    }
}

@Test func `a node that leaves changes only the shards it was in`() {
    let left = nodes[7]
    let rest = nodes.filter { $0 != left }
    for tenant in UInt64(0)..<500 {
        let before = Placement.shard(tenant: tenant, nodes: nodes, size: 5)
        let after = Placement.shard(tenant: tenant, nodes: rest, size: 5)
        if before.contains(left) {
            #expect(after.prefix(4) == before.filter { $0 != left }[...])
        } else {
            #expect(after == before)
        }
    }
}

@Test func `shards spread evenly over nodes`() {
    var load: [UInt64: Int] = [:]
    for tenant in UInt64(0)..<4000 {
        for node in Placement.shard(tenant: tenant, nodes: nodes, size: 5) {
            load[node, default: 0] += 1
        }
    }
    // 1,000 expected on each; five standard deviations are 137.
    #expect(load.values.allSatisfy { (863...1137).contains($0) })
}

@Test(arguments: [1, 2, 3, 5, 7, 64, 100])
func `leaders of buckets are spread evenly over members`(count: Int) {
    let members = (0..<UInt64(count)).map { RendezvousHash.mix(1, $0) }
    for group in UInt64(0)..<20 {
        let leaders = Placement.leaders(group: group, members: members, bucketCount: 64)
        #expect(leaders.count == 64)
        var led = Array(repeating: 0, count: count)
        for leader in leaders { led[Int(leader)] += 1 }
        #expect(led.max()! - led.min()! <= 1)
    }
}

@Test func `groups differ in their order and leaders`() {
    let members = Array(nodes.prefix(5))
    let orders = Set((UInt64(0)..<200).map { Placement.order(group: $0, members: members) })
    #expect(orders.count > 80)
    let leaders = Set(
        (UInt64(0)..<200).map {
            Placement.leaders(group: $0, members: members, bucketCount: 64)
        })
    #expect(leaders.count == 200)
}

@Test func `the arithmetic stays as it was released`() {
    // A change of any of these moves tenants between nodes at an upgrade.
    #expect(RendezvousHash.mix(1, 2) != RendezvousHash.mix(2, 1))
    #expect(
        Placement.shard(tenant: 42, nodes: [1, 2, 3, 4, 5, 6, 7, 8], size: 3) == [7, 8, 6])
    #expect(
        Placement.leaders(group: 7, members: [10, 20, 30], bucketCount: 9)
            == [0, 2, 1, 0, 1, 2, 1, 0, 2])
}
