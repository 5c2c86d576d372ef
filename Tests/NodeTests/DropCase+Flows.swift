// Drops of packets whose sender and resource are right.

import Configuration
import Node
import Steering
import Translation
import Wire

extension DropCase {
    /// What kind of packet a resource takes.
    static let packetsThatFit = [
        DropCase(.sourceOutsideVPC, of: World.acmeNAT) { world, _ in
            world.outbound(.udp("10.1.0.5:4000", to: server))
        },
        DropCase(.unsupportedFamily, of: World.acmeNAT) { world, _ in
            world.outbound(.udp("[fd00:a::5]:4000", to: "[2001:db8::1]:53"))
        },
        DropCase(.unsupportedFamily, of: World.acmeNAT) { world, _ in
            world.inbound(.udp("[2001:db8::1]:53", to: "[2001:db8::2]:2000"))
        },
        DropCase(.timeToLiveExpired, of: World.acmeNAT) { world, _ in
            var last = packet
            last.timeToLive = 1
            return world.outbound(last)
        },
        DropCase(.timeToLiveExpired, of: World.acmeNAT) { world, _ in
            var late = packet
            late.timeToLive = 0
            return world.outbound(late)
        },
        DropCase(.packetTooBig, of: World.acmeNAT) { world, node in
            let long = PathMTUTests.packet(bytes: 1501)
            node.send(world.outbound(long))
            return world.outbound(long).inner { $0[6] |= 0x40 }
        },
        DropCase(.unsupportedProtocol, of: World.acmeNAT) { world, _ in
            world.outbound(.other(IPProtocol(rawValue: 47), client, to: server))
        },
        DropCase(.unsupportedProtocol, of: World.acmeNAT) { world, _ in
            // The other family's ICMP.
            world.outbound(.other(.icmpv6, client, to: server))
        },
        DropCase(.unsupportedProtocol, of: World.acmeBalancer) { world, _ in
            world.toBalancer(.ping(client, to: World.balancerAddress))
        },
        // RFC 5508 §3.1.
        DropCase(.answerToNothing, of: World.acmeNAT) { world, _ in
            var answer = InnerPacket.ping(client, to: server.address)
            answer.icmpType = ICMPType.echoReply
            return world.outbound(answer)
        },
        DropCase(.addressOfNoResource, of: World.acmeNAT) { world, _ in
            world.inbound(.udp(server, to: "203.0.113.99:2000"))
        },
        DropCase(.addressOfNoResource, of: World.acmeBalancer) { world, _ in
            world.toBalancer(.udp(client, to: "10.0.9.11:53"))
        },
        DropCase(.portOutOfRange, of: World.acmeNAT) { world, _ in
            world.inbound(.udp(server, to: "203.0.113.1:80"))
        },
        DropCase(.portOutOfRange, of: World.acmeNAT) { world, _ in
            // An echo request from outside has no translated identifier.
            world.inbound(.ping(server, to: World.firstEIP))
        },
    ]

    /// Why a flow doesn't begin.
    static let beginnings = [
        DropCase(.notASYN, of: World.acmeNAT) { world, _ in
            world.outbound(.tcp(client, to: server, [.ack]))
        },
        DropCase(.tcpFlagsInvalid, of: World.acmeNAT) { world, _ in
            world.outbound(.tcp(client, to: server, [.syn, .fin]))
        },
        DropCase(.tcpFlagsInvalid, of: World.acmeNAT) { world, _ in
            world.outbound(.tcp(client, to: server, []))
        },
        DropCase(
            .portsExhausted, of: World.acmeNAT,
            in: World(bucketCount: 1, portRange: 1024...1024)
        ) { world, node in
            for port in [1, 2] as [UInt16] {
                node.send(world.outbound(.udp(Endpoint(client.address, Port(port)), to: server)))
            }
            return world.outbound(packet)
        },
        DropCase(.flowTableFull, of: World.acmeNAT, node: { TestNode($0, capacityFlows: 1) }) {
            world, node in
            node.send(world.outbound(.udp("10.0.0.6:1", to: server)))
            return world.outbound(packet)
        },
        DropCase(.attachmentTableFull, of: World.acmeNAT) { world, node in
            node.engine.translator.attachments = Attachments(capacity: 1, seed: 1)
            return world.outbound(packet)
        },
        DropCase(
            .groupCapacityExceeded, of: World.boltNAT, node: { TestNode($0, groupCapacity: 1) }
        ) { world, _ in
            world.outbound(packet, from: World.boltInstance, through: World.boltNAT)
        },
        DropCase(
            .noElasticIP, of: World.acmeNAT,
            in: world { $0.changeEIPs { $0.state = .draining } }
        ) { world, _ in world.outbound(packet) },
        DropCase(.noEdge, of: World.acmeNAT, in: world { $0.snapshot.edges = [] }) { world, _ in
            world.outbound(packet)
        },
        DropCase(.unknownListener, of: World.acmeBalancer) { world, _ in
            world.toBalancer(.udp(client, to: "10.0.9.10:54"))
        },
        DropCase(.unknownListener, of: World.acmeBalancer) { world, _ in
            world.toBalancer(.udp(client, to: "10.0.9.10:53")).with { $0.listener = 3 }
        },
        DropCase(
            .noTarget, of: World.acmeBalancer,
            in: world { $0.changeTargets { $0.state = .draining } }
        ) { world, _ in world.toBalancer(.udp(client, to: "10.0.9.10:53")) },
        DropCase(
            .noTarget, of: World.acmeBalancer,
            in: world { $0.changeTargets { $0.address = IPAddress("fd00:a::99")! } }
        ) { world, _ in world.toBalancer(.udp(client, to: "10.0.9.10:53")) },
        DropCase(
            .noRouter, of: World.acmeBalancer, node: { TestNode($0, router: nil) }
        ) { world, _ in world.toBalancer(.udp(client, to: "10.0.9.10:53")) },
        DropCase(.returnTaken, of: World.acmeBalancer) { world, node in
            let out = node.send(world.toBalancer(.udp(client, to: "10.0.9.10:53")))[0]
            return world.givenBack(out)
        },
        DropCase(.returnTaken, of: World.acmeBalancer) { world, node in
            // Answered before: the mark is late.
            let out = node.send(world.toBalancer(.udp(client, to: "10.0.9.10:53")))[0]
            node.send(world.targetAnswer(out))
            return world.givenBack(out)
        },
        DropCase(.parkingFull, of: World.acmeNAT, node: { TestNode($0, parkingCapacity: 0) }) {
            world, _ in world.outbound(packet)
        },
    ]

    /// The way back.
    static let returns = [
        DropCase(.unknownFlow, of: World.acmeNAT) { world, _ in
            world.inbound(.udp(server, to: "203.0.113.1:2000"))
        },
        DropCase(.unknownFlow, of: World.acmeBalancer) { world, node in
            let sent = node.send(world.toBalancer(.udp(client, to: "10.0.9.10:53")))
            var answer = world.targetAnswer(sent[0])
            answer = answer.with { $0.bucket = BucketIndex(9999) }
            return answer
        },
        DropCase(.unknownFlow, of: World.acmeBalancer) { world, _ in
            let overlay = OverlayHeader(
                vni: World.acmeNetwork, innerIsIPv4: true, bucket: BucketIndex(3),
                marks: .inbound, eni: ENI(rawValue: 9), resource: World.acmeBalancer,
                listener: 1)
            return Datagram(
                World.host2, overlay, InnerPacket.udp("10.0.8.1:53", to: client).bytes)
        },
        DropCase(.quietFlow, of: World.acmeNAT) { world, node in
            let sent = node.send(world.outbound(packet))
            node.pass(seconds: 351)
            return world.answer(sent[0])
        },
        DropCase(.unknownListener, of: World.acmeBalancer) { world, node in
            let sent = node.send(world.toBalancer(.udp(client, to: "10.0.9.10:53")))
            return world.targetAnswer(sent[0]).with { $0.listener = 77 }
        },
        // Another tenant's host answers for a target that isn't its own.
        DropCase(.unknownListener, of: nil) { world, node in
            let sent = node.send(world.toBalancer(.udp(client, to: "10.0.9.10:53")))
            return world.targetAnswer(sent[0]).with { $0.vni = World.boltNetwork }
        },
        DropCase(.unsupportedProtocol, of: World.acmeBalancer) { world, node in
            let sent = node.send(world.toBalancer(.udp(client, to: "10.0.9.10:53")))
            return Datagram(
                World.host2, world.targetAnswer(sent[0]).overlay,
                InnerPacket.ping("10.0.8.1:9", to: client.address).bytes)
        },
    ]
}

extension World {
    mutating func changeEIPs(_ change: (inout EIPEntry) -> Void) {
        for gateway in snapshot.natGateways.indices {
            for eip in snapshot.natGateways[gateway].eips.indices {
                change(&snapshot.natGateways[gateway].eips[eip])
            }
        }
    }

    mutating func changeTargets(_ change: (inout TargetEntry) -> Void) {
        for group in snapshot.targetGroups.indices {
            for target in snapshot.targetGroups[group].targets.indices {
                change(&snapshot.targetGroups[group].targets[target])
            }
        }
    }
}
