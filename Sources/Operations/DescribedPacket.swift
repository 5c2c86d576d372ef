// A packet that somebody asks about, as bytes: the encapsulation that its router or edge would put
// around it, and the smallest packet of its protocol with the flags or type that are asked for.

package import Configuration
package import ControlClient
import Steering
package import Wire

/// The bytes of a described packet, and whom they would come from.
package struct DescribedPacket: Sendable {
    package var bytes: [UInt8]
    /// Outer source address that it would come from.
    package var machine: IPAddress

    /// Throws what is wrong with the description, or what of it this snapshot doesn't have.
    package init(
        _ request: NodeAPI.ExplainRequest, _ snapshot: Snapshot
    ) throws(FlowQueryError) {
        let tuple = try request.tuple()
        guard let vni = VNI(rawValue: request.vni) else {
            throw FlowQueryError(detail: "vni: must be from 0 to 16777215")
        }
        let overlay = try Self.overlay(request, tuple, vni, snapshot)
        machine = try Self.machine(vni, snapshot)
        bytes = try Self.build(request, tuple, overlay)
    }

    private static func machine(
        _ vni: VNI, _ snapshot: Snapshot
    ) throws(FlowQueryError) -> IPAddress {
        let machine =
            vni == .outside ? snapshot.edges.first?.address : snapshot.hosts.first?.address
        guard let machine else {
            throw FlowQueryError(
                detail: "the snapshot names no \(vni == .outside ? "edge" : "host") that could "
                    + "send it")
        }
        return machine
    }

    private static func overlay(
        _ request: NodeAPI.ExplainRequest, _ tuple: FlowTuple, _ vni: VNI, _ snapshot: Snapshot
    ) throws(FlowQueryError) -> OverlayHeader {
        guard let resource = Identifier(request.resource) else {
            throw FlowQueryError(detail: "resource: \"\(request.resource)\" is no identifier")
        }
        let isInbound = try request.isInbound()
        var overlay = OverlayHeader(
            vni: vni, innerIsIPv4: tuple.source.isIPv4, bucket: BucketIndex(0),
            marks: isInbound ? .inbound : [], eni: ENI(rawValue: vni == .outside ? 0 : 1),
            resource: ResourceID(rawValue: resource.rawValue), listener: 0)
        guard
            let balancer = snapshot.loadBalancers.first(where: {
                $0.id.rawValue == resource.rawValue
            })
        else { return overlay }
        let paths = BalancedPaths(balancer, snapshot)
        if isInbound {
            let listener = try paths.listener(ofReply: tuple, port: request.listenerPort)
            overlay.listener = listener.index
            overlay.bucket = paths.bucket(
                ofReply: tuple, by: listener, client: request.clientVNI.flatMap(VNI.init))
        } else {
            // None is a listener too: the node then drops by that name.
            overlay.listener =
                balancer.listeners.first {
                    $0.ipProtocol == tuple.ipProtocol && $0.port == tuple.destinationPort
                }?.index ?? .max
        }
        return overlay
    }

    private static func build(
        _ request: NodeAPI.ExplainRequest, _ tuple: FlowTuple, _ overlay: OverlayHeader
    ) throws(FlowQueryError) -> [UInt8] {
        let transport = try transportBytes(request, tuple)
        let network = written(tuple.source.isIPv4 ? 20 : 40) {
            writeNetwork(tuple, transportBytes: transport.count, to: &$0)
        }
        return written(OverlayHeader.byteCount) { overlay.write(to: &$0) } + network + transport
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

    private static func transportBytes(
        _ request: NodeAPI.ExplainRequest, _ tuple: FlowTuple
    ) throws(FlowQueryError) -> [UInt8] {
        switch tuple.ipProtocol {
        case .tcp: return tcp(tuple, try request.flags())
        case .udp:
            return written(8) {
                UDPHeader(
                    sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort,
                    payloadBytes: 0
                ).write(to: &$0)
            }
        default:
            let type = try request.queryType()
            return written(8) {
                $0.store(type, at: 0)
                $0.store(
                    bigEndian: tuple.sourcePort.rawValue | tuple.destinationPort.rawValue, at: 4)
                let sum = InternetChecksum.fold(InternetChecksum.sum($0.bytes))
                $0.store(bigEndian: sum, at: 2)
            }
        }
    }

    private static func tcp(_ tuple: FlowTuple, _ flags: TCPFlags) -> [UInt8] {
        written(TCPHeader.minimumByteCount) {
            TCPHeader(
                sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort, flags: flags
            ).write(to: &$0)
            let pseudo = InternetChecksum.pseudoHeader(
                source: tuple.source, destination: tuple.destination, ipProtocol: .tcp,
                length: TCPHeader.minimumByteCount)
            let sum = InternetChecksum.sum($0.bytes, initial: pseudo)
            $0.store(bigEndian: InternetChecksum.fold(sum), at: 16)
        }
    }

    private static func written(
        _ count: Int, _ write: (inout MutableRawSpan) -> Void
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableRawSpan
        write(&span)
        return bytes
    }
}
