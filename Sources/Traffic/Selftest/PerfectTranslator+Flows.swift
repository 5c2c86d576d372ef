// How the translator decides: ports from the bucket's port set, targets by hash; and how it answers
// what it decided before.

import Steering
import Wire

extension PerfectTranslator {
    mutating func outboundRewrite(
        _ received: Received, _ service: Int, _ endpoint: Int
    ) -> TranslatorRewrite? {
        let key = received.key(received.header.vni)
        let index: Int
        if let found = outbound.find(key) {
            index = Int(found)
            if fault == .changedTarget || fault == .changedTranslation { change(index) }
        } else {
            guard flows.count < capacity,
                let flow = decide(received, service, endpoint)
            else { return nil }
            index = flows.count
            flows.append(flow)
            _ = outbound.insertIfAbsent(key, UInt32(index))
            _ = inbound.insertIfAbsent(flow.inboundKey(seenVNI(flow)), UInt32(index))
        }
        let flow = flows[index]
        var header = received.header
        header.vni = seenVNI(flow)
        header.eni = .none
        let isNAT = topology.services[service].kind == .natGateway
        return TranslatorRewrite(
            header: header, source: flow.seenSource, sourcePort: flow.seenSourcePort,
            destination: flow.seenDestination, destinationPort: flow.seenDestinationPort,
            endpoint: isNAT ? topology.hostCount : topology.home(ofTarget: flow.seenDestination))
    }

    mutating func inboundRewrite(_ received: Received, _ service: Int) -> TranslatorRewrite? {
        guard let found = inbound.find(received.key(received.header.vni)) else { return nil }
        var flow = flows[Int(found)]
        // Another flow of the same kind, so that only the delivery is wrong.
        if fault == .misdelivery,
            let other = flows.last(where: {
                $0.client != flow.client && $0.ipProtocol == flow.ipProtocol
            }), plantHere()
        {
            flow = other
        }
        var header = received.header
        header.vni = flow.vni
        header.eni = flow.eni
        return TranslatorRewrite(
            header: header, source: flow.server, sourcePort: flow.serverPort,
            destination: flow.client, destinationPort: flow.clientPort, endpoint: flow.home)
    }

    /// The network that a flow's other end is in.
    private func seenVNI(_ flow: TranslatedFlow) -> VNI {
        let service = topology.services[flow.service]
        return service.kind == .natGateway
            ? .outside : service.listeners.first?.targetVNI ?? service.vni
    }

    private mutating func decide(
        _ received: Received, _ service: Int, _ endpoint: Int
    ) -> TranslatedFlow? {
        var flow = TranslatedFlow(
            service: service, home: endpoint, eni: received.header.eni, vni: received.header.vni,
            client: received.source, clientPort: received.sourcePort, server: received.destination,
            serverPort: received.destinationPort, seenSource: received.source,
            seenSourcePort: received.sourcePort, seenDestination: received.destination,
            seenDestinationPort: received.destinationPort, ipProtocol: received.ipProtocol,
            bucket: received.header.bucket)
        if topology.services[service].kind == .natGateway {
            return givePort(&flow) ? flow : nil
        }
        let listeners = topology.services[service].listeners
        guard let listener = listeners.first(where: { $0.index == received.header.listener })
        else { return nil }
        let target = listener.targets[flows.count % listener.targets.count]
        flow.seenDestination = target.address
        flow.seenDestinationPort = target.port
        return flow
    }

    /// The next port of the bucket's port set, over all EIPs, that is free for the destination.
    private mutating func givePort(_ flow: inout TranslatedFlow) -> Bool {
        if fault == .duplicateTranslation, giveTakenPort(&flow) { return true }
        let eips = topology.services[flow.service].eips
        let ports = topology.portSets.ports(of: flow.bucket)
        let cursor = flow.service * topology.bucketCount + Int(flow.bucket.rawValue)
        for _ in 0..<eips.count * ports.count {
            let place = cursors[cursor]
            cursors[cursor] = (place + 1) % (eips.count * ports.count)
            if now < holdsBackUntil, place % ports.count == ports.count - 1 { continue }
            flow.seenSource = .v4(eips[place / ports.count])
            flow.seenSourcePort = Port(ports.lowerBound + UInt16(place % ports.count))
            if inbound.find(flow.inboundKey(.outside)) == nil { return true }
        }
        return false
    }

    /// The fault: what the latest flow to the same destination has.
    private mutating func giveTakenPort(_ flow: inout TranslatedFlow) -> Bool {
        let server = flow.server
        let serverPort = flow.serverPort
        let ipProtocol = flow.ipProtocol
        guard
            let other = flows.last(where: {
                $0.server == server && $0.serverPort == serverPort && $0.ipProtocol == ipProtocol
            }), plantHere()
        else { return false }
        flow.seenSource = other.seenSource
        flow.seenSourcePort = other.seenSourcePort
        return true
    }

    /// The faults on flows that live already.
    private mutating func change(_ index: Int) {
        let service = topology.services[flows[index].service]
        if fault == .changedTarget, service.kind == .loadBalancer {
            let targets = service.listeners[0].targets
            let other = targets.first { $0.address != flows[index].seenDestination }
            guard let other, plantHere() else { return }
            flows[index].seenDestination = other.address
            flows[index].seenDestinationPort = other.port
        } else if fault == .changedTranslation, service.kind == .natGateway, plantHere() {
            var flow = flows[index]
            guard givePort(&flow) else { return }
            flows[index] = flow
        } else {
            return
        }
        _ = inbound.insertIfAbsent(
            flows[index].inboundKey(seenVNI(flows[index])), UInt32(index))
    }

    /// True once, when the run is under way.
    mutating func plantHere() -> Bool {
        guard flows.count >= 20, !faultIsPlanted else { return false }
        faultIsPlanted = true
        return true
    }
}
