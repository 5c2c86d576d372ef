// What an explain request says, checked field by field.

import ControlClient
import Wire

extension NodeAPI.ExplainRequest {
    func isInbound() throws(FlowQueryError) -> Bool {
        switch direction {
        case "inbound": return true
        case "outbound": return false
        default: throw FlowQueryError(detail: "direction: must be outbound or inbound")
        }
    }

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

    private static let flagNames: [(name: String, flag: TCPFlags)] = [
        ("fin", .fin), ("syn", .syn), ("rst", .rst), ("psh", .psh), ("ack", .ack), ("urg", .urg),
        ("ece", .ece), ("cwr", .cwr),
    ]

    /// The flags that are named; else what opens a connection, or answers that.
    func flags() throws(FlowQueryError) -> TCPFlags {
        guard let tcpFlags else { return try isInbound() ? [.syn, .ack] : .syn }
        var flags: TCPFlags = []
        for name in tcpFlags {
            guard let known = Self.flagNames.first(where: { $0.name == name.lowercased() }) else {
                let names = Self.flagNames.map(\.name).joined(separator: ", ")
                throw FlowQueryError(detail: "tcpFlags: \"\(name)\" is none of \(names)")
            }
            flags.formUnion(known.flag)
        }
        return flags
    }

    /// The type of a query or of its answer.
    func queryType() throws(FlowQueryError) -> UInt8 {
        // RFC 792: an echo reply's identifier plays the destination port's part.
        guard let icmpType else {
            return sourcePort == 0 ? ICMPType.echoReply : ICMPType.echoRequest
        }
        guard let type = UInt8(exactly: icmpType) else {
            throw FlowQueryError(detail: "icmpType: must be from 0 to 255")
        }
        guard ICMPType.classify(type) != .error else {
            throw FlowQueryError(
                detail: "icmpType: \(type) is an error, which carries the packet that it is about; "
                    + "ask about that packet's flow instead")
        }
        return type
    }
}
