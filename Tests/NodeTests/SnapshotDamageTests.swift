// Snapshots put together at random: whatever has no problems can be run by, and never stops an
// engine.

import Configuration
import Node
import Testing
import Translation
import Wire

struct SnapshotDamageTests {
    /// One random change somewhere.
    private func change(_ snapshot: inout Snapshot, _ random: inout SplitMix) {
        let addresses = [
            IPAddress("10.0.8.1")!, IPAddress("fd00:a::8:1")!, World.balancerAddress,
            World.balancerAddress6,
        ]
        switch random.below(14) {
        case 0: snapshot.edges = Array(snapshot.edges.prefix(random.below(3)))
        case 1: snapshot.hosts = Array(snapshot.hosts.prefix(random.below(3)))
        case 2: drop(&snapshot.natGateways, &random)
        case 3: drop(&snapshot.loadBalancers, &random)
        case 4: repeatOne(&snapshot.natGateways, &random)
        case 5: repeatOne(&snapshot.loadBalancers, &random)
        case 6: repeatOne(&snapshot.targetGroups, &random)
        case 7: repeatOne(&snapshot.tenants, &random)
        case 8: repeatOne(&snapshot.nodes, &random)
        case 9: repeatOne(&snapshot.groups, &random)
        case 10 where !snapshot.targetGroups.isEmpty:
            let group = random.below(snapshot.targetGroups.count)
            snapshot.targetGroups[group].preservesClientAddress.toggle()
            for target in snapshot.targetGroups[group].targets.indices where random.chance(50) {
                snapshot.targetGroups[group].targets[target].address = random.pick(addresses)
                snapshot.targetGroups[group].targets[target].weight = random.pick([0, 1, 999])
            }
        case 11 where !snapshot.loadBalancers.isEmpty:
            let balancer = random.below(snapshot.loadBalancers.count)
            snapshot.loadBalancers[balancer].address = random.pick(addresses)
            snapshot.loadBalancers[balancer].vni = random.pick(snapshot.vpcs).vni
        case 12 where !snapshot.vpcs.isEmpty:
            snapshot.vpcs[random.below(snapshot.vpcs.count)].prefix = random.pick([
                IPPrefix("0.0.0.0/0")!, IPPrefix("::/0")!, IPPrefix("10.0.0.0/16")!,
            ])
        case 13 where !snapshot.natGateways.isEmpty:
            snapshot.natGateways[0].eips.shuffle(using: &random)
            snapshot.natGateways[0].eips = Array(
                snapshot.natGateways[0].eips.prefix(random.below(3)))
        default: break
        }
    }

    private func drop<Entry>(_ entries: inout [Entry], _ random: inout SplitMix) {
        guard !entries.isEmpty else { return }
        entries.remove(at: random.below(entries.count))
    }

    private func repeatOne<Entry>(_ entries: inout [Entry], _ random: inout SplitMix) {
        guard !entries.isEmpty else { return }
        entries.append(random.pick(entries))
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `no snapshot without problems stops an engine`(seed: UInt64) {
        let world = World(bucketCount: 4, portRange: 1024...1039)
        let packets = BatchTests.packets(world)
        var random = SplitMix(seed: seed)
        let node = TestNode(world)
        var applied = 0
        for _ in 0..<150 {
            var damaged = world
            for _ in 0...random.below(4) { change(&damaged.snapshot, &random) }
            guard damaged.snapshot.problems().isEmpty else { continue }
            applied += 1
            node.apply(damaged)
            let sent = node.send(packets)
            // And what it sent, thrown back at it.
            node.send(Array(sent.prefix(40)))
            if random.chance(20) { node.pass(seconds: 100) }
        }
        #expect(applied > 40)
    }
}
