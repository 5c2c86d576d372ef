// An explanation is only worth something if the packet, once sent, does what was said.

import Node
import Testing
import Translation
import Wire

@Suite struct ExplainTests {
    /// What becomes of a packet, in the words of both: sent or explained.
    struct Fate: Equatable {
        var node: NodeID?
        var tuple: FlowTuple?
        var machine: IPAddress?
        var reason: DropReason?
    }

    /// Two nodes that lead every other bucket, with few ports, so that they run out.
    final class Cluster {
        let world = World(bucketCount: 16, portRange: 2000...2127, leaders: .alternating)
        let nodes: [TestNode]

        init() {
            let world = world
            nodes = [1, 2].map { TestNode(world, node: $0, capacityFlows: 4096) }
        }

        /// Asks the first node, and the leader if that is another.
        func explain(_ datagram: Datagram) -> Fate {
            var answer = nodes[0].engine.explain(
                datagram.bytes.rawSpan, from: datagram.machine)
            if answer.leader == NodeID(rawValue: 2) {
                answer = nodes[1].engine.explain(
                    datagram.bytes.rawSpan, from: datagram.machine)
            }
            switch answer.outcome {
            case .drop(let reason):
                return Fate(node: answer.leader, reason: reason)
            case .forward(let tuple, let machine):
                return Fate(node: answer.leader, tuple: tuple, machine: machine)
            }
        }

        /// Sends it to `node`, or where nobody leads, to the first.
        func send(_ datagram: Datagram, to node: NodeID?) -> Fate {
            let node = node == NodeID(rawValue: 2) ? nodes[1] : nodes[0]
            let before = node.engine.counters.drops
            let sent = node.send(datagram)
            if let first = sent.first {
                return Fate(
                    node: node.engine.settings.node, tuple: first.tuple, machine: first.machine)
            }
            let after = node.engine.counters.drops
            let reason = before.indices.first { after[$0] > before[$0] }
            return Fate(
                node: node.engine.settings.node,
                reason: reason.map { DropReason(rawValue: UInt8($0)) })
        }
    }

    @Test func `a thousand random packets do what was explained`() {
        var random = Random(seed: 0xE871)
        let cluster = Cluster()
        var sent: [Datagram] = []
        var forwarded = 0
        var reasons: Set<DropReason> = []
        for step in 0..<1000 {
            for node in cluster.nodes { node.now = node.now + 1_000_000 }
            let datagram = random.datagram(cluster.world, answering: sent)
            var foretold = cluster.explain(datagram)
            let fate = cluster.send(datagram, to: foretold.node)
            // What no bucket was found for is refused by whichever node it is sent to.
            if foretold.node == nil { foretold.node = fate.node }
            #expect(foretold == fate, "packet \(step): \(datagram.tuple)")
            if let tuple = fate.tuple {
                forwarded += 1
                sent.append(cluster.lastSent(datagram, tuple, fate))
            }
            if let reason = fate.reason { reasons.insert(reason) }
        }
        // The driver must reach what it is for: many ways through, many ways to be dropped.
        #expect(forwarded > 300)
        #expect(reasons.count >= 6, "\(reasons)")
        #expect(reasons.contains(DropReason(.portsExhausted)))
    }

    @Test func `an explanation changes nothing`() {
        let cluster = Cluster()
        let datagram = cluster.world.outbound(.udp("10.0.0.5:4000", to: "198.51.100.7:53"))
        let first = cluster.explain(datagram)
        for _ in 0..<10 { #expect(cluster.explain(datagram) == first) }
        for node in cluster.nodes {
            #expect(node.engine.flowCount == 0)
            #expect(node.engine.counters.packetsIn == 0)
            #expect(node.engine.translator.attachments.count == 0)
        }
    }
}

extension ExplainTests.Cluster {
    /// What the node sent, for the driver to answer: as the wire had it.
    func lastSent(_ datagram: Datagram, _ tuple: FlowTuple, _ fate: ExplainTests.Fate) -> Datagram {
        var overlay = datagram.overlay
        if overlay.marks.contains(.inbound) { overlay.marks = [] }
        var packet = InnerPacket.answer(tuple)
        packet.tuple = tuple
        return Datagram(fate.machine ?? World.edge1, overlay, packet.bytes)
    }
}

/// SplitMix64, and the packets of this driver.
private struct Random {
    var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func endpoint(_ prefix: String, ports: Int) -> Endpoint {
        Endpoint(stringLiteral: "\(prefix).\(1 + below(4)):\(1000 + below(ports))")
    }

    mutating func datagram(_ world: World, answering sent: [Datagram]) -> Datagram {
        let inside = endpoint("10.0.0", ports: 400)
        let remote: Endpoint = "198.51.100.7:53"
        switch below(12) {
        case 0...3: return world.outbound(.udp(inside, to: remote))
        case 4: return world.outbound(.tcp(inside, to: remote, below(3) == 0 ? .ack : .syn))
        case 5: return world.outbound(.ping(inside, to: remote.address))
        case 6: return world.toBalancer(.udp(inside, to: "10.0.9.10:53"))
        case 7: return world.toBalancer(.tcp(inside, to: "10.0.9.10:\(below(2) == 0 ? 80 : 81)"))
        case 8: return world.toBalancer(.udp(inside, to: "10.0.9.10:5353"))
        case 9:
            let port = 1990 + below(160)
            return world.inbound(.udp(remote, to: "203.0.113.1:\(port)"))
        case 10: return spoiled(world.outbound(.udp(inside, to: remote)))
        default:
            guard let earlier = sent.randomElement(&self) else {
                return world.outbound(.udp(inside, to: remote))
            }
            let isBalanced = earlier.overlay.listener != 0
            return isBalanced ? world.targetAnswer(earlier) : world.answer(earlier)
        }
    }

    private mutating func spoiled(_ datagram: Datagram) -> Datagram {
        switch below(4) {
        case 0: datagram.with { $0.eni = .none }
        case 1: datagram.with { $0.vni = World.boltNetwork }
        case 2: datagram.with { $0.resource = ResourceID(rawValue: 0xDEAD) }
        default: datagram.from(IPAddress("192.0.2.77")!)
        }
    }
}

extension Array {
    fileprivate func randomElement(_ random: inout Random) -> Element? {
        isEmpty ? nil : self[random.below(count)]
    }
}

extension Endpoint: ExpressibleByStringInterpolation {}
