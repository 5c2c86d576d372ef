// Every drop has a name and a counter: each is provoked, and seen under its name and no other.

import Node
import Testing
import Translation
import Wire

struct DropTests {
    /// Reasons that no packet given to an engine can have, and who counts under them instead.
    static let elsewhere: [DropReason: String] = [
        DropReason(.noConfiguration): "the daemon, before it has a snapshot",
        DropReason(.noFrame): "the daemon, when it receives",
        DropReason(.leaderUnknown): "see WaitingTests",
        DropReason(.leaderChanged): "see WaitingTests",
        DropReason(.leaseEnded): "see WaitingTests",
        DropReason(.stoodStill): "see WaitingTests",
        DropReason(.engineRingFull): "the daemon, by countLostHandOver: tested below",
        DropReason(OverlayError.vniMissing): "gateways to VXLAN",
        DropReason(PacketError.badVersion): "the overlay says innerVersionMismatch before",
        DropReason(.fragmentTimeout): "a sweep: see FragmentTests",
        DropReason(.loanTimeout): "see LoanTests",
        DropReason(.loanQueueFull): "the loans' own tests",
        DropReason(.loanTableFull): "the loans' own tests",
        DropReason(.loanQuota): "the loans' own tests",
        DropReason(.portsQuiet): "see ReplicationTests",
        DropReason(.borrowerUnknown): "a lender whose borrower left the snapshot",
        DropReason(.tenantFlowQuota): "see QuotaTests",
        DropReason(.tenantFlowRateQuota): "see QuotaTests",
        DropReason(.tenantPacketQuota): "see QuotaTests",
        DropReason(.tenantBitQuota): "see QuotaTests",
        DropReason(.resourceFlowQuota): "see QuotaTests",
        DropReason(.resourceFlowRateQuota): "see QuotaTests",
        DropReason(.resourcePacketQuota): "see QuotaTests",
        DropReason(.resourceBitQuota): "see QuotaTests",
        DropReason(.addressFlowQuota): "see QuotaTests",
        DropReason(PacketError.badARP): "virtual routers",
    ]

    @Test(arguments: DropCase.all.indices)
    func `a packet is dropped under its name and no other`(index: Int) {
        let test = DropCase.all[index]
        let node = test.node(test.world)
        let packet = test.packets(test.world, node)
        let before = node.engine.counters
        let flows = node.engine.flowCount
        let sent = node.send(packet)
        let after = node.engine.counters
        #expect(sent.isEmpty, "\(test.reason): it was sent")
        #expect(node.answers.count == Int(after.answersMade - before.answersMade))
        for reason in DropReason.all {
            let added =
                after.drops[Int(reason.rawValue)] - before.drops[Int(reason.rawValue)]
            #expect(
                added == (reason == test.reason ? 1 : 0),
                "\(test.reason) was to be counted, \(reason) was: \(added)")
        }
        #expect(after.packetsDropped == before.packetsDropped + 1)
        let isParking = test.reason == DropReason(.parkingFull)
        #expect(node.engine.flowCount == flows + (isParking ? 1 : 0), "no flow is left of it")
    }

    // RFC 6888 §3 REQ-11 (c).
    @Test(arguments: DropCase.all.indices)
    func `a drop counts for the resource of the packet's own tenant and no other`(index: Int) {
        let test = DropCase.all[index]
        let node = test.node(test.world)
        let packet = test.packets(test.world, node)
        let table = node.engine.translator.resources.resources
        let before = node.engine.translator.counters
        node.send(packet)
        let after = node.engine.translator.counters
        for slot in table.indices {
            let expected: UInt64 = table[slot].id == test.resource ? 1 : 0
            #expect(
                after.drops(slot, test.reason) - before.drops(slot, test.reason) == expected,
                "\(test.reason) of resource \(table[slot].id)")
            #expect(
                after.counts(slot)!.packetsIn - before.counts(slot)!.packetsIn == expected)
        }
    }

    @Test func `every reason has a case that provokes it, or someone else who counts it`() {
        let provoked = Set(DropCase.all.map(\.reason))
        for reason in DropReason.all {
            #expect(
                provoked.contains(reason) != (Self.elsewhere[reason] != nil), "\(reason)")
        }
    }

    @Test func `the names of reasons are distinct and none is called other`() {
        let names = DropReason.all.map(\.description)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { !$0.lowercased().contains("other.") && $0 != "other" })
        #expect(Set(DropReason.all.map(\.rawValue)).count == DropReason.all.count)
        #expect(DropReason.all.allSatisfy { Int($0.rawValue) < DropReason.count })
    }

    @Test func `a packet for another engine is handed over, and counted if that fails`() {
        let world = World()
        let node = TestNode(world, index: 0, engineCount: 2)
        var handedOver = 0
        for port in 1...64 as ClosedRange<UInt16> {
            let packet = world.outbound(
                .udp(Endpoint(DropCase.client.address, Port(port)), to: DropCase.server))
            let sent = node.send(packet)
            let isOwn = packet.overlay.bucket.rawValue % 2 == 0
            #expect(sent.count == (isOwn ? 1 : 0))
            handedOver += isOwn ? 0 : 1
        }
        #expect(handedOver > 0)
        #expect(node.engine.counters.packetsHandedOver == UInt64(handedOver))
        #expect(node.engine.counters.packetsDropped == 0)
        node.engine.countLostHandOver()
        node.engine.checkInvariants()
        #expect(node.drops(.engineRingFull) == 1)
    }
}
