// Servers outside and targets: they answer what they see, to whom they see, and remember nothing.

import Steering
import Wire

extension Simulation {
    /// A packet has come to a host or an edge.
    func arriveAtMachine(_ datagram: Datagram, _ packet: ReadPacket) {
        if world.edges.contains(datagram.to) { return serve(datagram, packet) }
        let place = World.TargetPlace(
            vni: packet.overlay.vni, address: packet.summary.tuple.destination)
        if !packet.overlay.marks.contains(.inbound), let target = world.targets[place] {
            serve(datagram, packet, target: target)
        } else {
            arriveAtClient(packet)
        }
    }

    private func serve(_ datagram: Datagram, _ packet: ReadPacket, target: Int? = nil) {
        guard let answer = answer(to: packet) else { return }
        let overlay: OverlayHeader
        var machine = datagram.to
        if let target {
            var back = packet.overlay
            back.marks = .inbound
            back.eni = world.instances[target].eni
            overlay = back
            machine = world.instances[target].machine
        } else {
            guard let back = overlayOfEdge(answer.tuple) else { return }
            overlay = back
        }
        reply(from: machine, overlay, answer)
        // Some say something twice, the second time later.
        if answer.tuple.ipProtocol == .udp, workloadRandom.below(8) == 0 {
            reply(from: machine, overlay, answer, late: true)
        }
    }

    private func reply(
        from machine: Machine, _ overlay: OverlayHeader, _ packet: InnerPacket,
        late: Bool = false
    ) {
        guard let service = world.services.first(where: { $0.id == overlay.resource }) else {
            return
        }
        let node = chooseNode(for: machine, service, overlay.bucket)
        let wait = workloadRandom.nanoseconds(
            late ? 1_000_000...300_000_000 : 20_000...2_000_000)
        let place = network.store(Datagram(from: machine, to: node, overlay, packet))
        queue.plan(.reply, at: now + wait, place)
    }

    /// An edge finds the resource by the address, as of its configuration.
    private func overlayOfEdge(_ tuple: FlowTuple) -> OverlayHeader? {
        guard case .v4(let address) = tuple.destination,
            let owner = control.owner(of: address),
            let bucket = world.portSets.bucket(of: tuple.destinationPort)
        else { return nil }
        return OverlayHeader(
            vni: .outside, innerIsIPv4: true, bucket: bucket, marks: .inbound, resource: owner)
    }

    private func answer(to packet: ReadPacket) -> InnerPacket? {
        let summary = packet.summary
        var tuple = summary.tuple.reversed
        var stamp = packet.stamp
        stamp?.isReply = true
        switch summary.kind {
        case .udp:
            guard stamp != nil else { return nil }
        case .icmpQuery:
            guard stamp != nil, summary.icmpType == ICMPType.echoRequest else { return nil }
            tuple.destinationPort = summary.tuple.sourcePort
        case .tcp: return segment(answering: summary, tuple, stamp)
        default: return nil
        }
        var answer = InnerPacket(tuple, stamp: stamp)
        answer.isReply = true
        return answer
    }

    private func segment(
        answering summary: PacketSummary, _ tuple: FlowTuple, _ stamp: FlowStamp?
    ) -> InnerPacket? {
        let numbers = summary.tcp
        var answer = InnerPacket(tuple, stamp: stamp)
        answer.sequence = numbers.acknowledgment
        if summary.tcpFlags.contains(.syn) {
            // Its own numbers follow from the client's.
            answer.sequence = numbers.sequence ^ 0x5A00_0000
            answer.acknowledgment = numbers.sequence &+ 1
            answer.flags = [.syn, .ack]
        } else if summary.tcpFlags.contains(.fin) {
            answer.acknowledgment = numbers.sequence &+ 1
            answer.flags = [.fin, .ack]
        } else {
            guard stamp != nil else { return nil }
            answer.acknowledgment = numbers.sequence &+ UInt32(FlowStamp.byteCount)
            answer.flags = [.ack, .psh]
        }
        return answer
    }
}
