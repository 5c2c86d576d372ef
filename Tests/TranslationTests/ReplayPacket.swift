// Outbound packets of clients, and what targets' routers give back.

import Configuration
import Steering
import Tables
import Wire

@testable import Translation

/// A client's packet to a resource, UDP or a SYN.
struct ReplayPacket {
    var resource: ResourceID
    var tuple: FlowTuple
    var listener: UInt16 = 0
    var isFromOutside = false
    var isGivenBack = false
    var eni: UInt64 = 0xE0A1
    var host: UInt8 = 101

    static func random(_ random: inout ReplayRandom) -> ReplayPacket {
        let isTCP = random.below(2) == 0
        let ipProtocol: IPProtocol = isTCP ? .tcp : .udp
        let port = Port(UInt16(40_000 + random.below(12)))
        let number = random.below(4)
        let client: IPAddress = .v4(IPv4Address(10, 0, 0, UInt8(number)))
        func tuple(_ source: IPAddress, _ destination: IPAddress, _ to: UInt16) -> FlowTuple {
            FlowTuple(
                ipProtocol: ipProtocol, source: source, sourcePort: port, destination: destination,
                destinationPort: Port(to))
        }
        var packet: ReplayPacket
        switch random.below(4) {
        case 0, 1:
            let remote: IPAddress = .v4(IPv4Address(198, 51, 100, UInt8(random.below(2))))
            packet = ReplayPacket(resource: ReplayWorld.nat, tuple: tuple(client, remote, 443))
        case 2:
            packet = ReplayPacket(
                resource: ReplayWorld.balancer,
                tuple: tuple(client, .v4(IPv4Address(10, 0, 9, 10)), isTCP ? 80 : 53),
                listener: isTCP ? 1 : 2)
            if random.below(3) == 0 {
                packet.isFromOutside = true
                packet.tuple.source = .v4(IPv4Address(198, 51, 100, UInt8(number)))
                packet.tuple.destination = .v4(IPv4Address(203, 0, 113, 80))
            }
        default:
            packet = ReplayPacket(
                resource: ReplayWorld.balancer6,
                tuple: tuple(
                    IPAddress("fd00:a::1:\(number)")!, IPAddress("fd00:a::10")!, isTCP ? 80 : 53),
                listener: isTCP ? 1 : 2)
        }
        packet.eni = 0xE000 + UInt64(number)
        packet.host = UInt8(101 + random.below(2))
        return packet
    }

    /// The inner packet, its checksums right.
    var bytes: [UInt8] {
        let isTCP = tuple.ipProtocol == .tcp
        let transportBytes = isTCP ? 20 : 8
        let headerBytes = tuple.source.isIPv4 ? 20 : 40
        var bytes = [UInt8](repeating: 0, count: headerBytes + transportBytes)
        var span = bytes.mutableRawSpan
        switch (tuple.source, tuple.destination) {
        case (.v4(let source), .v4(let destination)):
            span.store(0x45, at: 0)
            span.store(bigEndian: UInt16(headerBytes + transportBytes), at: 2)
            span.store(64, at: 8)
            span.store(tuple.ipProtocol.rawValue, at: 9)
            span.store(source, at: 12)
            span.store(destination, at: 16)
            let sum = InternetChecksum.sum(span.bytes.extracting(0..<20))
            span.store(bigEndian: InternetChecksum.fold(sum), at: 10)
        default:
            span.store(0x60, at: 0)
            span.store(bigEndian: UInt16(transportBytes), at: 4)
            span.store(tuple.ipProtocol.rawValue, at: 6)
            span.store(64, at: 7)
            span.store(tuple.source.mapped, at: 8)
            span.store(tuple.destination.mapped, at: 24)
        }
        span.store(bigEndian: tuple.sourcePort.rawValue, at: headerBytes)
        span.store(bigEndian: tuple.destinationPort.rawValue, at: headerBytes + 2)
        if isTCP {
            span.store(0x50, at: headerBytes + 12)
            span.store(0x02, at: headerBytes + 13)
        } else {
            span.store(bigEndian: UInt16(transportBytes), at: headerBytes + 4)
        }
        let pseudo = InternetChecksum.pseudoHeader(
            source: tuple.source, destination: tuple.destination, ipProtocol: tuple.ipProtocol,
            length: transportBytes)
        let sum = InternetChecksum.sum(
            span.bytes.extracting(headerBytes..<headerBytes + transportBytes), initial: pseudo)
        span.store(
            bigEndian: InternetChecksum.fold(sum), at: headerBytes + (isTCP ? 16 : 6))
        return bytes
    }

    /// As an engine of a bucket's leader has it in hand.
    func arrival(_ table: borrowing ResourceTable) -> Arrival {
        let slot = table.slot(of: resource)!
        let vni = isFromOutside ? VNI.outside : ReplayWorld.network
        let buckets = table.resources[slot].buckets
        let bucket =
            resource == ReplayWorld.nat
            ? buckets.natOutbound(tuple)
            : buckets.loadBalancer(
                ipProtocol: tuple.ipProtocol, clientVNI: vni, client: tuple.source,
                clientPort: table.resources[slot].isSticky ? Port(0) : tuple.sourcePort)
        var overlay = OverlayHeader(
            vni: vni, innerIsIPv4: tuple.source.isIPv4, bucket: bucket,
            eni: ENI(rawValue: isFromOutside ? 0 : eni), resource: resource, listener: listener)
        if isGivenBack { overlay.marks = [.inbound, .returnTaken] }
        let machine: IPAddress = .v4(IPv4Address(192, 0, 2, isFromOutside ? 201 : host))
        guard let summary = try? PacketSummary.parse(bytes.rawSpan) else {
            preconditionFailure("a packet of this test is no packet")
        }
        return Arrival(
            Placement(resource: slot, direction: .outbound, bucket: bucket), overlay: overlay,
            machine: machine, sender: isFromOutside ? .edge(0) : .host, summary: summary)
    }
}
