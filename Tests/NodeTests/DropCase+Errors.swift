// ICMP errors that go nowhere.

import Node
import Translation
import Wire

extension DropCase {
    /// An error about the answer to a packet of a flow, or to one of none.
    private static func error(
        _ world: World, _ node: TestNode, _ change: (inout ErrorPacket) -> Void = { _ in }
    ) -> Datagram {
        let out = node.send(world.outbound(packet))[0]
        var error = ErrorPacket(about: out.inner, from: ErrorTests.onPath)
        change(&error)
        return world.error(error, about: out)
    }

    static let errors = [
        // RFC 5508 §4.2.1 REQ-4.
        DropCase(.errorOfNoFlow, of: World.acmeNAT) { world, node in
            error(world, node) { error in
                error.about =
                    InnerPacket.udp(
                        Endpoint(World.firstEIP, Port(4711)), to: "198.51.100.9:99"
                    ).bytes
            }
        },
        // RFC 5508 §4.2.2 REQ-5.
        DropCase(.errorOfNoFlow, of: World.acmeNAT) { world, _ in
            let about = InnerPacket.udp(server, to: client)
            let error = ErrorPacket(about: about.bytes, from: ErrorTests.inVPC)
            var overlay = world.outbound(packet).overlay
            overlay.eni = World.acmeInstance.eni
            return Datagram(World.host1, overlay, error.bytes)
        },
        // RFC 5508 §4.1 REQ-3.
        DropCase(.badErrorChecksum, of: nil) { world, node in
            error(world, node).inner { $0[23] ^= 1 }
        },
        DropCase(.errorMisaddressed, of: nil) { world, node in
            error(world, node) { $0.to = World.boltEIP }
        },
        // RFC 5508 §4.1 REQ-3 (a).
        DropCase(PacketError.badEmbeddedPacket, of: nil) { world, node in
            error(world, node) { $0.about[10] ^= 1 }
        },
        // Seven bytes of transport are one too few.
        DropCase(PacketError.badEmbeddedPacket, of: nil) { world, node in
            error(world, node) { $0.embeddedBytes = 27 }
        },
    ]
}
