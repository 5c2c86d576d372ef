// Every way in which an engine drops a packet, each with a packet that provokes it.

import Configuration
import Node
import Steering
import Translation
import Wire

/// One drop: a world, a node in it, and the packet that it must drop under this name.
struct DropCase: Sendable {
    var reason: DropReason
    /// The resource whose counters show it, if the packet may be laid at its door.
    var resource: ResourceID?
    var world = World()
    var node: @Sendable (World) -> TestNode = { TestNode($0) }
    /// The last of them is the one to be dropped.
    var packets: @Sendable (World, TestNode) -> Datagram

    init(
        _ cause: DropCause, of resource: ResourceID?, in world: World = World(),
        node: @escaping @Sendable (World) -> TestNode = { TestNode($0) },
        _ packets: @escaping @Sendable (World, TestNode) -> Datagram
    ) {
        reason = DropReason(cause)
        self.resource = resource
        self.world = world
        self.node = node
        self.packets = packets
    }

    init(
        _ error: PacketError, of resource: ResourceID?,
        _ packets: @escaping @Sendable (World, TestNode) -> Datagram
    ) {
        reason = DropReason(error)
        self.resource = resource
        self.packets = packets
    }

    init(_ error: OverlayError, _ packet: @escaping @Sendable (Datagram) -> Datagram) {
        reason = DropReason(error)
        packets = { world, _ in packet(world.outbound(DropCase.packet)) }
    }

    init(_ error: PacketError, _ packet: @escaping @Sendable (Datagram) -> Datagram) {
        reason = DropReason(error)
        packets = { world, _ in packet(world.outbound(DropCase.packet)) }
    }

    static let client: Endpoint = "10.0.0.5:4000"
    static let server: Endpoint = "198.51.100.1:53"
    static let packet = InnerPacket.udp(client, to: server)

    /// A world with one thing changed.
    static func world(_ change: (inout World) -> Void) -> World {
        var world = World()
        change(&world)
        return world
    }

    static let all =
        senders + resources + packetsThatFit + beginnings + returns + defects + errors
        + segments + fragments

    /// Who may send what into the overlay.
    // RFC 8926 §6.1.
    static let senders = [
        DropCase(.unknownSender, of: nil) { world, _ in
            world.outbound(packet).from(IPAddress("192.0.2.99")!)
        },
        DropCase(.unknownSender, of: nil) { world, _ in
            // Passed on by a node, first sent by nobody known.
            world.outbound(packet).from(World.node2).with {
                $0.marks.leg = .toLeader
                $0.origin = IPAddress("192.0.2.99")!
            }
        },
        DropCase(.unknownSender, of: nil) { world, _ in
            world.outbound(packet).from(World.node2).with {
                $0.marks.leg = .toLeader
                $0.origin = World.node2
            }
        },
        DropCase(.originMismatch, of: nil) { world, _ in
            world.outbound(packet).with { $0.origin = World.host2 }
        },
        DropCase(.originMismatch, of: nil) { world, _ in
            world.outbound(packet).from(World.node2)
        },
        DropCase(.originMismatch, of: nil) { world, _ in
            world.outbound(packet).from(World.node2).with { $0.origin = World.host1 }
        },
        DropCase(.unknownVNI, of: nil) { world, _ in
            world.outbound(packet).with { $0.vni = VNI(truncating: 999) }
        },
        DropCase(.unknownVNI, of: nil) { world, _ in
            world.outbound(packet).with { $0.vni = .outside }
        },
        DropCase(.unknownVNI, of: nil) { world, _ in
            world.outbound(packet).from(World.edge1)
        },
        DropCase(.sourceENIMissing, of: World.acmeNAT) { world, _ in
            world.outbound(packet).with { $0.eni = .none }
        },
        DropCase(.sourceENIMissing, of: World.acmeBalancer) { world, _ in
            world.toBalancer(.udp(client, to: "10.0.9.10:53")).with { $0.eni = .none }
        },
    ]

    /// Which resource a packet may name.
    static let resources = [
        DropCase(.unknownResource, of: nil) { world, _ in
            world.outbound(packet).with { $0.resource = ResourceID(rawValue: 0xDEAD) }
        },
        DropCase(.unknownResource, of: nil) { world, _ in
            world.outbound(packet).with { $0.resource = .none }
        },
        // Forged: another tenant's, in either direction and of either kind.
        DropCase(.resourceOfAnotherVPC, of: nil) { world, _ in
            world.outbound(packet, from: World.boltInstance)
        },
        DropCase(.resourceOfAnotherVPC, of: nil) { world, _ in
            world.outbound(packet, from: World.boltInstance).with { $0.marks = .inbound }
        },
        DropCase(.resourceOfAnotherVPC, of: nil) { world, _ in
            world.toBalancer(.udp(client, to: "10.0.9.10:53"), from: World.boltInstance)
        },
        DropCase(.resourceOfAnotherVPC, of: World.acmeBalancer) { world, _ in
            world.toBalancer(.udp(client, to: "10.0.9.10:53"), from: World.acmeInstance6)
        },
        DropCase(.notServedHere, of: World.acmeNAT, node: { TestNode($0, node: 99) }) {
            world, _ in world.outbound(packet)
        },
        DropCase(.looping, of: World.acmeNAT, in: World(leaders: .secondNode)) { world, _ in
            world.outbound(packet).with { $0.marks.leg = .toLeader }
        },
        DropCase(.looping, of: World.acmeNAT, in: World(leaders: .secondNode)) { world, _ in
            world.outbound(packet).from(World.node2).with {
                $0.marks.leg = .toLeader
                $0.origin = World.host1
            }
        },
    ]
}
