// The checkers see: whatever a wire or a table is made to say wrong is found, by the invariant that
// it breaks.

import Configuration
import Testing
import Wire

@testable import Simulator

struct SabotageTests {
    /// A run of the steady plan in which datagrams are tampered with as they leave.
    private func run(
        _ tamper: @escaping (inout Datagram, Simulation) -> Void
    ) throws -> Violation? {
        let simulation = Simulation(try Plans.read("steady"), seed: 1)
        simulation.tamper = { [unowned simulation] in tamper(&$0, simulation) }
        return simulation.run().violation
    }

    @Test func `a translation that two flows share is found`() throws {
        var first: FlowTuple?
        let violation = try run { datagram, run in
            guard let packet = outbound(datagram, run), packet.summary.kind == .udp else { return }
            let tuple = packet.summary.tuple
            guard let shared = first else { return first = tuple }
            guard tuple.destination == shared.destination, tuple.source == shared.source else {
                return
            }
            datagram.rewriteSourcePort(shared.sourcePort)
        }
        #expect([1, 2].contains(violation?.invariant))
    }

    @Test func `a new flow with another's translation is found`() throws {
        var seen: Set<Int> = []
        var latest: FlowTuple?
        var stolen: (flow: Int, port: Port)?
        let violation = try run { datagram, run in
            guard let packet = outbound(datagram, run), packet.summary.kind == .udp,
                let flow = packet.stamp?.flow
            else { return }
            if let stolen, stolen.flow == flow { return datagram.rewriteSourcePort(stolen.port) }
            let tuple = packet.summary.tuple
            let isNew = seen.insert(flow).inserted
            if stolen == nil, isNew, let latest, latest.source == tuple.source,
                latest.destination == tuple.destination
            {
                stolen = (flow, latest.sourcePort)
                return datagram.rewriteSourcePort(latest.sourcePort)
            }
            latest = tuple
        }
        #expect(violation?.invariant == 1)
    }

    @Test func `a translation that changes is found`() throws {
        var seen: Set<Int> = []
        var isDone = false
        let violation = try run { datagram, run in
            guard let packet = outbound(datagram, run), let flow = packet.stamp?.flow else {
                return
            }
            // The first packet of a flow would be seen to have no record.
            let isFirst = seen.insert(flow).inserted
            if !isDone, !isFirst, seen.count > 50 {
                isDone = true
                datagram.rewriteSourcePort(Port(packet.summary.tuple.sourcePort.rawValue ^ 1))
            }
        }
        #expect([1, 2].contains(violation?.invariant))
    }

    @Test func `a packet whose record nobody holds is found`() throws {
        let simulation = Simulation(try Plans.read("steady"), seed: 1)
        simulation.requiredCopies += 1
        #expect(simulation.run().violation?.invariant == 3)
    }

    @Test func `a packet in another tenant's network is found`() throws {
        let violation = try run { datagram, run in
            guard datagram.to >= run.world.hosts.lowerBound, !datagram.isBatch,
                run.world.hosts.contains(datagram.to)
            else { return }
            // The lowest byte of the VNI.
            datagram.bytes[6] &+= 1
        }
        #expect(violation?.invariant == 5)
    }

    @Test func `an inner address outside is found`() throws {
        let violation = try run { datagram, run in
            guard outbound(datagram, run) != nil else { return }
            datagram.rewriteSource(IPv4Address(10, 0, 1, 1))
        }
        #expect(violation?.invariant == 5)
    }

    @Test func `a packet that vanishes is found`() throws {
        let simulation = Simulation(try Plans.read("steady"), seed: 1)
        var count = 0
        simulation.swallow = { datagram in
            count += datagram.isBatch ? 0 : 1
            return count == 500
        }
        #expect(simulation.run().violation?.invariant == 6)
    }

    @Test func `an answer that never comes is found`() throws {
        let simulation = Simulation(try Plans.read("steady"), seed: 1)
        simulation.tamper = { [unowned simulation] datagram in
            guard simulation.phase == .demand, simulation.world.edges.contains(datagram.to) else {
                return
            }
            // To nobody's EIP: the answer comes back to no flow.
            datagram.to = simulation.world.edges.lowerBound
            datagram.bytes = []
        }
        #expect(simulation.run().violation != nil)
    }

    private func outbound(_ datagram: Datagram, _ run: Simulation) -> ReadPacket? {
        guard run.world.edges.contains(datagram.to) else { return nil }
        return ReadPacket(datagram.bytes.rawSpan)
    }
}

extension Datagram {
    /// Another source address in the inner IPv4 packet, its header's checksum made right.
    fileprivate mutating func rewriteSource(_ address: IPv4Address) {
        var span = bytes.mutableRawSpan
        var inner = span._mutatingExtracting(OverlayHeader.byteCount..<span.byteCount)
        inner.store(address, at: 12)
        inner.store(bigEndian: 0 as UInt16, at: 10)
        let sum = InternetChecksum.sum(inner, from: 0, count: 20)
        inner.store(bigEndian: InternetChecksum.fold(sum), at: 10)
    }

    /// Another source port in the inner IPv4 packet.
    fileprivate mutating func rewriteSourcePort(_ port: Port) {
        bytes[OverlayHeader.byteCount + 20] = UInt8(port.rawValue >> 8)
        bytes[OverlayHeader.byteCount + 21] = UInt8(port.rawValue & 255)
    }
}
