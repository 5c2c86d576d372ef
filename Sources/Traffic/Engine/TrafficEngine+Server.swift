// The other end: outside servers behind an edge, and targets behind their hosts' routers. Here it
// is seen what the cluster made of a flow.

import Steering
import Wire

extension TrafficEngine {
    /// An outbound packet at an edge or at a target's host. True if its frame was used for the
    /// answer.
    mutating func handleAtServer(
        _ arrival: Arrival, _ number: UInt32, _ pool: inout FramePool
    ) -> Bool {
        let slot = slot(of: number)
        guard flows[slot].number == number, flows[slot].phase != .unused else {
            counters.late += 1
            return false
        }
        let stream = workload.streams[Int(flows[slot].stream)]
        guard isForServer(arrival, slot, stream) else {
            noteMisdelivery(number)
            return false
        }
        guard flows[slot].outboundSeen.insert(arrival.received.serial) else {
            counters.duplicated += 1
            noteCopy(slot)
            return false
        }
        guard flows[slot].isLive else {
            // The ACK of the last FIN finds its flow ended: it is on time.
            if arrival.received.tcp.flags != .ack { counters.late += 1 }
            return false
        }
        noteTranslation(arrival, slot, stream)
        noteHop(arrival, slot)
        let route = answerRoute(arrival, slot, stream)
        return arrival.received.ipProtocol == .tcp
            ? answerSegment(arrival, slot, route, &pool)
            : answerRequest(arrival, slot, route, &pool)
    }

    /// Whether the packet belongs where it arrived: nonce, destination, network, kind of endpoint.
    private func isForServer(_ arrival: Arrival, _ slot: Int, _ stream: Stream) -> Bool {
        let received = arrival.received
        let record = flows[slot]
        if let marker = received.marker {
            guard marker.nonce == record.nonce, marker.kind == .request else { return false }
        }
        let service = topology.services[stream.service]
        guard received.ipProtocol == record.ipProtocol, received.header.resource == service.id,
            received.header.vni == seenVNI(stream)
        else { return false }
        let role = topology.endpoints[arrival.endpoint].role
        guard let listenerIndex = stream.listener else {
            return role == .edge && received.destination == record.server
                && received.destinationPort == record.serverPort
        }
        let listener = service.listeners[listenerIndex]
        return role == .host && received.header.listener == listener.index
            && listener.targets.contains(
                ServiceTarget(address: received.destination, port: received.destinationPort))
    }

    /// Where the answer leaves, and what its router or edge writes around it.
    private mutating func answerRoute(
        _ arrival: Arrival, _ slot: Int, _ stream: Stream
    ) -> AnswerRoute {
        let received = arrival.received
        let service = topology.services[stream.service]
        guard stream.listener != nil else {
            // The edge keeps no flows: it steers by the destination port alone.
            let bucket =
                topology.portSets.bucket(of: received.sourcePort) ?? flows[slot].bucket
            return AnswerRoute(
                header: OverlayHeader(
                    vni: .outside, innerIsIPv4: true, bucket: bucket, marks: .inbound,
                    resource: service.id),
                endpoint: arrival.endpoint, node: leader(stream.service, bucket))
        }
        // The target's router steers the answer by its return entry: resource, listener and bucket
        // as they stood in the packet.
        let home = topology.home(ofTarget: received.destination)
        if home != arrival.endpoint { counters.relayed += 1 }
        let network = workload.networks[stream.network]
        let bucket = received.header.bucket
        return AnswerRoute(
            header: OverlayHeader(
                vni: received.header.vni, innerIsIPv4: received.source.isIPv4, bucket: bucket,
                marks: .inbound,
                eni: network.eni(ofTarget: received.destination), resource: service.id,
                listener: received.header.listener),
            endpoint: home, node: leader(stream.service, bucket))
    }

    /// Turns a request of a UDP or ICMP flow into its answer, in its own frame.
    private mutating func answerRequest(
        _ arrival: Arrival, _ slot: Int, _ route: AnswerRoute, _ pool: inout FramePool
    ) -> Bool {
        guard var marker = arrival.received.marker else { return false }
        marker.kind = .answer
        var form = answerForm(arrival.received)
        form.payloadBytes = arrival.received.summary.payloadBytes
        form.identification = marker.sequence
        form.icmpType = ICMPType.echoReply
        form.echoSequence = marker.sequence
        emit(
            form, route.header, marker, from: route.endpoint, to: route.node,
            arrival.packet.frame, start: arrival.answerStart, &pool)
        return true
    }

    /// A packet back to where this one came from, without its contents.
    func answerForm(_ received: Received) -> PacketForm {
        PacketForm(
            ipProtocol: received.ipProtocol, source: received.destination,
            sourcePort: received.destinationPort, destination: received.source,
            destinationPort: received.sourcePort, payloadBytes: 0)
    }
}

/// The encapsulation of an answer, the endpoint it leaves from and the node it goes to.
struct AnswerRoute {
    var header: OverlayHeader
    var endpoint: Int
    var node: Int
}
