// Fragments that fit into no datagram, or into none that may pass.

import Node
import Translation
import Wire

extension DropCase {
    private static func datagram(_ world: World) -> Datagram {
        world.outbound(FragmentTests.packets[0])
    }

    static let fragments = [
        // RFC 5722 §4.
        DropCase(.fragmentOverlap, of: World.acmeNAT) { world, node in
            node.send(datagram(world).fragments(step: 96)[0])
            return datagram(world).fragment(
                offset: 88, more: true, data: [UInt8](repeating: 0, count: 16))
        },
        DropCase(.fragmentContradiction, of: World.acmeNAT) { world, node in
            node.send(datagram(world).fragments(step: 96)[0])
            node.send(datagram(world).fragments(step: 96)[3])
            return datagram(world).fragment(offset: 400, more: false, data: [1, 2, 3])
        },
        DropCase(.fragmentDuplicate, of: World.acmeNAT) { world, node in
            node.send(datagram(world).fragments(step: 96)[0])
            return datagram(world).fragments(step: 96)[0]
        },
        // The first came as a FIN of no connection.
        DropCase(.fragmentOfNoFlow, of: World.acmeNAT) { world, node in
            var packet = FragmentTests.packets[1]
            packet.tcpFlags = [.fin, .ack]
            let fragments = world.outbound(packet).fragments(step: 96)
            node.send(fragments[0])
            return fragments[1]
        },
        DropCase(.fragmentQuota, of: World.acmeNAT) { world, node in
            for number in 0..<64 as Range<UInt16> {
                node.send(datagram(world).fragments(step: 96, identification: number)[1])
            }
            return datagram(world).fragments(step: 96, identification: 99)[1]
        },
        DropCase(.unsupportedProtocol, of: World.acmeNAT) { world, _ in
            world.outbound(.other(IPProtocol(rawValue: 47), client, to: server))
                .fragment(offset: 0, more: true, data: [UInt8](repeating: 0, count: 16))
        },
    ]
}
