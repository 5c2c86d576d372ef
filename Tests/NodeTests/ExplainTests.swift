// What `explain` says of a packet is what becomes of it, and saying it changes nothing.

import Configuration
import Node
import Steering
import Testing
import Translation
import Wire

struct ExplainTests {
    /// Reasons that only the sending shows: they depend on what is full, or on other nodes.
    static let unforeseen = [
        DropReason(.flowTableFull), DropReason(.attachmentTableFull), DropReason(.parkingFull),
        DropReason(.groupCapacityExceeded),
        DropReason(.looping), DropReason(.originMismatch),
    ]

    private func explain(_ datagram: Datagram, _ node: TestNode) -> Explanation {
        node.engine.explain(datagram.bytes.rawSpan, from: datagram.machine)
    }

    /// Sends what was explained, and compares.
    private func expectAgreement(_ datagram: Datagram, _ node: TestNode) {
        let explanation = explain(datagram, node)
        let before = node.engine.counters
        let flows = node.engine.flowCount
        let sent = node.send(datagram)
        let after = node.engine.counters
        let cause = DropReason.all.first {
            after.drops[Int($0.rawValue)] != before.drops[Int($0.rawValue)]
        }
        if case .wantsLoan = explanation.outcome {
            // Whether another bucket has a port only asking tells.
            #expect(sent.count == 1 || cause == DropReason(.portsExhausted))
            return
        }
        guard let out = sent.first else {
            if case .drop(let reason) = explanation.outcome {
                #expect(reason == cause, "explained \(reason), was \(String(describing: cause))")
            } else {
                Issue.record("explained as sent, was \(String(describing: cause))")
            }
            return
        }
        guard case .forward(let tuple, let machine, _) = explanation.outcome else {
            Issue.record("\(out.tuple) was sent, explained: \(explanation.outcome)")
            return
        }
        #expect(tuple == out.tuple)
        #expect(machine == out.machine)
        // An answer to a port on loan falls in the port's bucket, its flow is in the borrower's.
        if !datagram.overlay.marks.contains(.inbound) {
            #expect(explanation.bucket == out.overlay.bucket)
        }
        #expect(explanation.isHere)
        #expect(explanation.isKnownFlow == (node.engine.flowCount == flows))
    }

    @Test func `a thousand random packets become what was explained`() {
        let world = World(bucketCount: 4, portRange: 1024...1039)
        let node = TestNode(world)
        node.turnsBetweenChecks = 16
        var random = SplitMix(seed: 11)
        var sent: [Datagram] = []
        for _ in 0..<1_000 {
            let client = Endpoint(
                .v4(IPv4Address(10, 0, 0, UInt8(random.below(4)))),
                Port(UInt16(4000 + random.below(20))))
            let datagram: Datagram =
                switch random.below(8) {
                case 0: world.outbound(.ping(client, to: IPAddress("198.51.100.1")!))
                case 1: world.outbound(.tcp(client, to: "198.51.100.1:80", .ack))
                case 2: world.toBalancer(.udp(client, to: "10.0.9.10:53"))
                case 3: world.toBalancer(.tcp(client, to: "10.0.9.10:8080"))
                case 4: world.toBalancer(.tcp(client, to: "10.0.9.10:81"))
                case 5 where !sent.isEmpty: world.answer(random.pick(sent))
                default: world.outbound(.udp(client, to: "198.51.100.1:53"))
                }
            expectAgreement(datagram, node)
            if datagram.overlay.resource == World.acmeNAT,
                !datagram.overlay.marks.contains(.inbound)
            {
                sent += node.send(datagram)
            }
            if random.chance(2) { node.pass(seconds: 120) }
        }
    }

    @Test(arguments: DropCase.all.indices)
    func `a packet that is dropped is explained by the same reason`(index: Int) {
        let test = DropCase.all[index]
        guard !Self.unforeseen.contains(test.reason) else { return }
        let node = test.node(test.world)
        let packet = test.packets(test.world, node)
        // Who passed it on is not explained: the first sender is.
        guard packet.machine != World.node2 else { return }
        // A fragment's fate depends on the others of its datagram.
        let isFragment =
            (try? OverlayHeader.parse(packet.bytes.rawSpan))
            .map { $0.header.marks.leg == .toCollector } ?? false
        guard !isFragment else { return }
        expectAgreement(packet, node)
    }

    @Test func `a packet of another node's bucket is explained by who leads it`() {
        let world = World(leaders: .secondNode)
        let node = TestNode(world)
        let packet = world.outbound(.udp("10.0.0.5:4000", to: "198.51.100.1:53"))
        let explanation = explain(packet, node)
        #expect(explanation.leader == NodeID(rawValue: 2))
        #expect(explanation.bucket == packet.overlay.bucket)
        #expect(!explanation.isHere)
    }

    @Test func `explaining changes nothing`() {
        let world = World(bucketCount: 1, portRange: 1024...1039)
        let node = TestNode(world)
        for number in 0..<40 {
            let packet = world.outbound(
                .udp("10.0.0.5:\(4000 + number)".endpoint, to: "198.51.100.1:53"))
            let first = explain(packet, node)
            let second = explain(packet, node)
            #expect("\(first.outcome)" == "\(second.outcome)")
        }
        #expect(node.engine.flowCount == 0)
        #expect(node.engine.counters.packetsIn == 0)
        #expect(node.engine.counters.packetsDropped == 0)
        #expect(node.counts(World.acmeNAT).packetsIn == 0)
        #expect(node.engine.translator.attachments.count == 0)
    }
}
