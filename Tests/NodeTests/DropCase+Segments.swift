// TCP segments that their connection may not send.

import Node
import Translation
import Wire

extension DropCase {
    /// A connection of which all three segments of the handshake have passed.
    static func established(_ world: World, _ node: TestNode) -> Datagram {
        let out = node.send(world.outbound(.tcp(client, to: server)))[0]
        node.send(world.answer(out))
        node.send(world.outbound(.tcp(client, to: server, .ack)))
        return out
    }

    private static func outbound(
        _ flags: TCPFlags, _ change: (inout InnerPacket) -> Void = { _ in }
    ) -> InnerPacket {
        var packet = InnerPacket.tcp(client, to: server, flags)
        change(&packet)
        return packet
    }

    static let segments = [
        // RFC 9293 §3.10.7.
        DropCase(.tcpFlagsInvalid, of: World.acmeNAT) { world, node in
            _ = established(world, node)
            return world.outbound(outbound([.syn, .rst]))
        },
        DropCase(.tcpFlagsInvalid, of: World.acmeNAT) { world, node in
            let out = established(world, node)
            return world.answer(out, flags: [.fin])
        },
        DropCase(.tcpOutOfWindow, of: World.acmeNAT) { world, node in
            _ = established(world, node)
            return world.outbound(outbound(.ack) { $0.sequence = 1_000_000 })
        },
        // RFC 5961 §3.2.
        DropCase(.tcpResetInvalid, of: World.acmeNAT) { world, node in
            let out = established(world, node)
            var reset = InnerPacket.answer(out.tuple, flags: .rst)
            reset.sequence = 4_000_000_000
            return world.inbound(reset, by: out.machine)
        },
        DropCase(.tcpUnexpectedSYN, of: World.acmeNAT) { world, node in
            let out = established(world, node)
            var open = InnerPacket.answer(out.tuple, flags: .syn)
            open.sequence = 4_000_000_000
            return world.inbound(open, by: out.machine)
        },
        DropCase(.badTransportChecksum, of: World.acmeNAT) { world, node in
            let out = established(world, node)
            return world.answer(out, flags: [.fin, .ack]).inner { $0[37] ^= 1 }
        },
    ]
}
