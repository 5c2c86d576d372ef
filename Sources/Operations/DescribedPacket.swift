// A packet that somebody asks about, as bytes: the encapsulation that its router or edge would put
// around it, and the smallest packet of its protocol that begins a flow.

import Configuration
import ControlClient
import Steering
import Wire

struct DescribedPacket: Sendable {
    var bytes: [UInt8]
    /// Outer source address that it would come from.
    var machine: IPAddress

    init(
        _ request: NodeAPI.ExplainRequest, _ snapshot: Snapshot
    ) throws(FlowQueryError) {
        let tuple = try request.tuple()
        let isInbound = request.direction == "inbound"
        guard isInbound || request.direction == "outbound" else {
            throw FlowQueryError(detail: "direction: must be outbound or inbound")
        }
        guard let resource = Identifier(request.resource), let vni = VNI(rawValue: request.vni)
        else { throw FlowQueryError(detail: "resource and vni must name a resource's packet") }
        let machine =
            vni == .outside ? snapshot.edges.first?.address : snapshot.hosts.first?.address
        guard let machine else {
            throw FlowQueryError(detail: "the snapshot names no host or edge that could send it")
        }
        self.machine = machine
        let balancer = snapshot.loadBalancers.first { $0.id.rawValue == resource.rawValue }
        let listener = balancer?.listeners.first {
            $0.ipProtocol == tuple.ipProtocol
                && (isInbound || $0.port == tuple.destinationPort)
        }
        var overlay = OverlayHeader(
            vni: vni, innerIsIPv4: tuple.source.isIPv4, bucket: BucketIndex(0),
            marks: isInbound ? .inbound : [], eni: ENI(rawValue: vni == .outside ? 0 : 1),
            resource: ResourceID(rawValue: resource.rawValue), listener: listener?.index ?? 0)
        if isInbound, let balancer {
            overlay.bucket = BucketHash(
                key0: balancer.hashKey.first, key1: balancer.hashKey.second,
                bucketCount: snapshot.cluster.bucketCount
            ).loadBalancer(
                ipProtocol: tuple.ipProtocol, clientVNI: vni, client: tuple.destination,
                clientPort: tuple.destinationPort)
        }
        bytes = Self.build(tuple, overlay)
    }

    private static func build(_ tuple: FlowTuple, _ overlay: OverlayHeader) -> [UInt8] {
        func bytes(_ count: Int, _ write: (inout MutableRawSpan) -> Void) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            var span = bytes.mutableRawSpan
            write(&span)
            return bytes
        }
        let transport = tuple.ipProtocol == .tcp ? TCPHeader.minimumByteCount : 8
        return bytes(OverlayHeader.byteCount) { overlay.write(to: &$0) }
            + bytes(tuple.source.isIPv4 ? 20 : 40) {
                writeNetwork(tuple, transportBytes: transport, to: &$0)
            }
            + bytes(transport) { writeTransport(tuple, to: &$0) }
    }

    private static func writeNetwork(
        _ tuple: FlowTuple, transportBytes: Int, to bytes: inout MutableRawSpan
    ) {
        switch (tuple.source, tuple.destination) {
        case (.v4(let source), .v4(let destination)):
            IPv4Header(
                ipProtocol: tuple.ipProtocol, source: source, destination: destination,
                payloadBytes: transportBytes
            ).write(to: &bytes)
        default:
            IPv6Header(
                nextHeader: tuple.ipProtocol, source: tuple.source.mapped,
                destination: tuple.destination.mapped, payloadBytes: transportBytes
            ).write(to: &bytes)
        }
    }

    private static func writeTransport(_ tuple: FlowTuple, to bytes: inout MutableRawSpan) {
        switch tuple.ipProtocol {
        case .tcp:
            TCPHeader(
                sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort,
                flags: .syn
            ).write(to: &bytes)
        case .udp:
            UDPHeader(
                sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort,
                payloadBytes: 0
            ).write(to: &bytes)
        default:
            let isReply = tuple.sourcePort.rawValue == 0
            bytes.store(isReply ? 0 : 8, at: 0)
            bytes.store(
                bigEndian: tuple.sourcePort.rawValue | tuple.destinationPort.rawValue, at: 4)
        }
    }
}

extension NodeAPI.ExplainRequest {
    func tuple() throws(FlowQueryError) -> FlowTuple {
        guard let source = IPAddress(source), let destination = IPAddress(destination) else {
            throw FlowQueryError(detail: "source and destination must be IP addresses")
        }
        guard let sourcePort = UInt16(exactly: sourcePort),
            let destinationPort = UInt16(exactly: destinationPort)
        else { throw FlowQueryError(detail: "ports must be from 0 to 65535") }
        guard source.isIPv4 == destination.isIPv4 else {
            throw FlowQueryError(detail: "source and destination must be of one family")
        }
        guard source.isIPv4 || ipProtocol != "icmp" else {
            throw FlowQueryError(detail: "protocol: icmp is explained for IPv4 only")
        }
        let known: [String: IPProtocol] = ["tcp": .tcp, "udp": .udp, "icmp": .icmp]
        guard let ipProtocol = known[ipProtocol] else {
            throw FlowQueryError(detail: "protocol: must be tcp, udp or icmp")
        }
        return FlowTuple(
            ipProtocol: ipProtocol, source: source, sourcePort: Port(sourcePort),
            destination: destination, destinationPort: Port(destinationPort))
    }
}
