// ICMP and ICMPv6 errors of a node's own making (RFC 792, RFC 1191, RFC 4443).

public import Wire

/// An ICMP error as it is written: a header before a copy of the packet that it is about.
public struct ICMPAnswer: Sendable, BitwiseCopyable {
    public let isIPv4: Bool
    let type: UInt8
    let code: UInt8
    let rest: UInt32

    /// Nil for a reset, which is no ICMP.
    public init?(_ answer: Answer, isIPv4: Bool) {
        self.isIPv4 = isIPv4
        switch answer {
        case .timeExceeded:
            type = isIPv4 ? ICMPType.timeExceeded : ICMPv6Type.timeExceeded
            code = 0
            rest = 0
        case .packetTooBig(let mtu):
            // RFC 1191 §4: code 4, with the MTU of the next hop. RFC 4443 §3.2.
            type = isIPv4 ? ICMPType.destinationUnreachable : ICMPv6Type.packetTooBig
            code = isIPv4 ? 4 : 0
            rest = UInt32(mtu)
        case .hostUnreachable:
            type = isIPv4 ? ICMPType.destinationUnreachable : ICMPv6Type.destinationUnreachable
            // RFC 4443 §3.1: 3 is "address unreachable", the same thing.
            code = isIPv4 ? 1 : 3
            rest = 0
        case .reset:
            return nil
        }
    }

    /// Bytes before the copy.
    public var headerBytes: Int { (isIPv4 ? 20 : 40) + ICMPHeader.byteCount }

    /// How many bytes of a packet of `count` it carries.
    // RFC 1812 §4.3.2.3: as many as fit into 576 bytes. RFC 4443 §2.4 (c): into 1280.
    public func copiedBytes(of count: Int) -> Int {
        min(count, (isIPv4 ? 576 : 1280) - headerBytes)
    }

    /// Writes the headers at offset 0 of `bytes`, in which the copy already stands behind them, up
    /// to the end.
    public func write(
        to bytes: inout MutableRawSpan, from source: IPAddress, to destination: IPAddress
    ) {
        let payloadBytes = bytes.byteCount - headerBytes + ICMPHeader.byteCount
        var initial: UInt32 = 0
        switch (source, destination) {
        case (.v4(let source), .v4(let destination)):
            IPv4Header(
                ipProtocol: .icmp, source: source, destination: destination,
                payloadBytes: payloadBytes
            ).write(to: &bytes)
        case (.v6(let source6), .v6(let destination6)):
            IPv6Header(
                nextHeader: .icmpv6, source: source6, destination: destination6,
                payloadBytes: payloadBytes
            ).write(to: &bytes)
            initial = InternetChecksum.pseudoHeader(
                source: source, destination: destination, ipProtocol: .icmpv6,
                length: payloadBytes)
        default: preconditionFailure("one family in one packet")
        }
        let start = headerBytes - ICMPHeader.byteCount
        var message = bytes._mutatingExtracting(start..<bytes.byteCount)
        ICMPHeader(type: type, code: code, rest: rest).write(to: &message)
        let sum = InternetChecksum.sum(
            message, from: 0, count: payloadBytes, initial: initial)
        message.store(bigEndian: InternetChecksum.fold(sum), at: 2)
    }
}
