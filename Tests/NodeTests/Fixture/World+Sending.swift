// What routers and edges do to packets, so that tests send what the product's neighbours would.

import Configuration
import Steering
import Wire

extension World {
    private func gateway(_ id: ResourceID) -> NATGatewayEntry {
        snapshot.natGateways.first { $0.id == id }!
    }

    private func balancer(_ id: ResourceID) -> LoadBalancerEntry {
        snapshot.loadBalancers.first { $0.id == id }!
    }

    private func hash(_ key: HashKey) -> BucketHash {
        BucketHash(key0: key.first, key1: key.second, bucketCount: buckets)
    }

    /// An instance's packet to a NAT gateway, by its router.
    func outbound(
        _ packet: InnerPacket, from instance: Instance = World.acmeInstance,
        through gateway: ResourceID = World.acmeNAT
    ) -> Datagram {
        let bucket = hash(self.gateway(gateway).hashKey).natOutbound(packet.tuple)
        let overlay = OverlayHeader(
            vni: instance.vni, innerIsIPv4: packet.tuple.source.isIPv4, bucket: bucket,
            eni: instance.eni, resource: gateway)
        return Datagram(instance.host, overlay, packet.bytes)
    }

    /// A packet from outside to an EIP, by its edge.
    func inbound(
        _ packet: InnerPacket, to gateway: ResourceID = World.acmeNAT,
        by edge: IPAddress = World.edge1
    ) -> Datagram {
        let bucket = portSets.bucket(of: packet.tuple.destinationPort) ?? BucketIndex(0)
        let overlay = OverlayHeader(
            vni: .outside, innerIsIPv4: packet.tuple.source.isIPv4, bucket: bucket,
            marks: .inbound, resource: gateway)
        return Datagram(edge, overlay, packet.bytes)
    }

    /// The answer to a packet that a node sent to an edge, by that edge.
    func answer(_ sent: Datagram, flags: TCPFlags = [.syn, .ack]) -> Datagram {
        inbound(
            .answer(sent.tuple, flags: flags), to: sent.overlay.resource, by: sent.machine)
    }

    /// A client's packet to a load balancer, by its router, or by the edge for `World.outside`.
    func toBalancer(
        _ packet: InnerPacket, from client: Instance = World.acmeInstance,
        through id: ResourceID = World.acmeBalancer
    ) -> Datagram {
        let tuple = packet.tuple
        let balancer = balancer(id)
        let bucket = hash(balancer.hashKey).loadBalancer(
            ipProtocol: tuple.ipProtocol, clientVNI: client.vni, client: tuple.source,
            clientPort: isSticky(balancer) ? Port(0) : tuple.sourcePort)
        let listener = balancer.listeners.first {
            $0.ipProtocol == tuple.ipProtocol && $0.port == tuple.destinationPort
        }
        let overlay = OverlayHeader(
            vni: client.vni, innerIsIPv4: tuple.source.isIPv4, bucket: bucket, eni: client.eni,
            resource: id, listener: listener?.index ?? 0)
        return Datagram(client.host, overlay, packet.bytes)
    }

    /// Routers hash without the port if any listener keeps clients at their targets.
    private func isSticky(_ balancer: LoadBalancerEntry) -> Bool {
        balancer.listeners.contains { listener in
            snapshot.targetGroups.contains { $0.id == listener.targetGroup && $0.isSticky }
        }
    }

    /// A packet that a target's router gives back, as the target has another flow of this tuple.
    func givenBack(_ sent: Datagram, by host: IPAddress = World.host2) -> Datagram {
        sent.from(host).with {
            $0.marks = [.inbound, .returnTaken]
            $0.eni = ENI(rawValue: 0x7A6)
        }
    }

    /// A target's answer to a packet that a node sent it: its router kept resource, listener and
    /// bucket for the flow.
    func targetAnswer(
        _ sent: Datagram, eni: ENI = ENI(rawValue: 0x7A6), on host: IPAddress = World.host2,
        flags: TCPFlags = [.syn, .ack]
    ) -> Datagram {
        var overlay = sent.overlay
        overlay.marks = .inbound
        overlay.eni = eni
        return Datagram(host, overlay, InnerPacket.answer(sent.tuple, flags: flags).bytes)
    }
}
