// TCP resets of a node's own making (RFC 9293 §3.10.7.1).

public import Wire

/// A packet that ends a connection: the numbers of a reset, and who it is from and for.
public struct Reset: Hashable, Sendable, BitwiseCopyable {
    public var tuple: FlowTuple
    public var numbers: TCPReset

    public init(_ tuple: FlowTuple, _ numbers: TCPReset) {
        self.tuple = tuple
        self.numbers = numbers
    }

    /// Bytes of the packet.
    public var byteCount: Int {
        (tuple.source.isIPv4 ? IPv4Header.minimumByteCount : IPv6Header.byteCount)
            + TCPHeader.minimumByteCount
    }

    /// Writes the packet over the whole of `bytes`, which has `byteCount`.
    public func write(to bytes: inout MutableRawSpan) {
        let headerBytes = byteCount - TCPHeader.minimumByteCount
        switch (tuple.source, tuple.destination) {
        case (.v4(let source), .v4(let destination)):
            IPv4Header(
                ipProtocol: .tcp, source: source, destination: destination,
                payloadBytes: TCPHeader.minimumByteCount
            ).write(to: &bytes)
        case (.v6(let source), .v6(let destination)):
            IPv6Header(
                nextHeader: .tcp, source: source, destination: destination,
                payloadBytes: TCPHeader.minimumByteCount
            ).write(to: &bytes)
        default: preconditionFailure("one family in one packet")
        }
        var segment = bytes._mutatingExtracting(headerBytes..<byteCount)
        header.write(to: &segment)
        let sum = InternetChecksum.sum(
            segment, from: 0, count: TCPHeader.minimumByteCount,
            initial: InternetChecksum.pseudoHeader(
                source: tuple.source, destination: tuple.destination, ipProtocol: .tcp,
                length: TCPHeader.minimumByteCount))
        segment.store(bigEndian: InternetChecksum.fold(sum), at: 16)
    }

    private var header: TCPHeader {
        var header = TCPHeader(
            sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort,
            flags: numbers.flags)
        header.sequenceNumber = numbers.sequence
        header.acknowledgmentNumber = numbers.acknowledgment ?? 0
        header.window = 0
        return header
    }
}
