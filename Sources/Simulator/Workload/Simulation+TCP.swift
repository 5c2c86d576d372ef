// TCP clients: a connection of one segment at a time, each answered before the next is sent, and
// sent again until it is.

import Wire

extension Simulation {
    /// Sends what is due: the first time, or again.
    func actTCP(_ index: Int) {
        guard flows[index].tries < 8, phase < .quiet else { return end(index) }
        let flow = flows[index]
        var packet = InnerPacket(flow.tuple, stamp: nil)
        packet.sequence = flow.next
        packet.acknowledgment = flow.expected
        switch flow.step {
        case .opening: packet.flags = .syn
        case .open:
            if flow.tries == 0 { flows[index].number += 1 }
            packet.flags = [.ack, .psh]
            packet.stamp = stamp(index)
        case .closing: packet.flags = [.fin, .ack]
        case .over, .asking: return
        }
        if flow.step == .opening { packet.acknowledgment = 0 }
        sendFromClient(index, packet)
        let pause: UInt64 = 150_000_000 << UInt64(min(flow.tries, 3))
        flows[index].tries += 1
        wait(index, workloadRandom.around(pause))
    }

    func clientHeard(_ index: Int, _ summary: PacketSummary, _ stamp: FlowStamp?) {
        let flow = flows[index]
        let numbers = summary.tcp
        guard !summary.tcpFlags.contains(.rst) else {
            if flow.isOver { return }
            if numbers.acknowledgment == flow.next || flow.step != .opening { end(index) }
            return
        }
        switch flow.step {
        case .opening:
            guard summary.tcpFlags.contains([.syn, .ack]),
                numbers.acknowledgment == flow.next &+ 1
            else { return }
            flows[index].next = flow.next &+ 1
            flows[index].expected = numbers.sequence &+ 1
            proceed(index)
        case .open:
            let end = flow.next &+ UInt32(FlowStamp.byteCount)
            guard numbers.acknowledgment == end, let stamp, stamp.flow == index else { return }
            flows[index].next = end
            flows[index].expected = numbers.sequence &+ UInt32(FlowStamp.byteCount)
            answered(index, stamp)
            proceed(index)
        case .closing:
            guard summary.tcpFlags.contains(.fin), numbers.acknowledgment == flow.next &+ 1
            else { return }
            var packet = InnerPacket(flow.tuple, stamp: nil)
            packet.flags = .ack
            packet.sequence = flow.next &+ 1
            packet.acknowledgment = numbers.sequence &+ 1
            sendFromClient(index, packet)
            end(index)
        case .over, .asking: break
        }
    }

    /// The next segment after a while, or the end of the connection.
    private func proceed(_ index: Int) {
        let settings = plan.workloads[world.services[flows[index].service].workload]
        flows[index].tries = 0
        if flows[index].left > 0 {
            flows[index].left -= 1
            flows[index].step = .open
        } else {
            // Some just fall silent.
            guard workloadRandom.below(4) > 0 else { return end(index) }
            flows[index].step = .closing
        }
        wait(index, workloadRandom.nanoseconds(settings.gapNanoseconds))
    }
}
