// The five numbers that name one direction of a flow.

/// A 5-tuple as it stands in one packet: source first. For ICMP queries, outbound, the identifier
/// stands as the source port and the destination port is zero; inbound the other way round.
public struct FlowTuple: Hashable, Sendable, BitwiseCopyable {
    public var ipProtocol: IPProtocol
    public var source: IPAddress
    public var destination: IPAddress
    public var sourcePort: Port
    public var destinationPort: Port

    @inlinable
    public init(
        ipProtocol: IPProtocol, source: IPAddress, sourcePort: Port,
        destination: IPAddress, destinationPort: Port
    ) {
        self.ipProtocol = ipProtocol
        self.source = source
        self.destination = destination
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
    }

    /// The tuple of the answer to a packet with this one.
    @inlinable
    public var reversed: FlowTuple {
        FlowTuple(
            ipProtocol: ipProtocol, source: destination, sourcePort: destinationPort,
            destination: source, destinationPort: sourcePort)
    }
}

extension FlowTuple: CustomStringConvertible {
    public var description: String {
        "\(ipProtocol.rawValue) \(source).\(sourcePort.rawValue) > "
            + "\(destination).\(destinationPort.rawValue)"
    }
}
