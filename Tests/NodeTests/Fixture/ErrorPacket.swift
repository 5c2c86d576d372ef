// ICMP errors about packets that a node sent, as routers on the way and hosts make them.

import Wire

/// An ICMP error, by its parts.
struct ErrorPacket: Sendable {
    /// The packet that it is about, as its sender of the moment saw it.
    var about: [UInt8]
    var from: IPAddress
    var type = ICMPType.destinationUnreachable
    var code: UInt8 = 1
    var rest: UInt32 = 0
    /// How much of the packet it carries.
    var embeddedBytes = 28
    var timeToLive: UInt8 = 64
    /// What follows the embedded bytes: padding and extensions (RFC 4884).
    var trailer: [UInt8] = []
    /// Where it is addressed to; the embedded packet's source unless a case says otherwise.
    var to: IPAddress?

    init(about: [UInt8], from: IPAddress) {
        self.about = about
        self.from = from
    }

    var bytes: [UInt8] {
        let isIPv4 = about[0] >> 4 == 4
        let message = Array(about.prefix(embeddedBytes)) + trailer
        let headerBytes = isIPv4 ? 20 : 40
        var bytes = [UInt8](repeating: 0, count: headerBytes + 8) + message
        let sender: IPAddress =
            isIPv4
            ? .v4(about.rawSpan.ipv4Address(at: 12)) : .v6(about.rawSpan.ipv6Address(at: 8))
        let destination = to ?? sender
        var span = bytes.mutableRawSpan
        var initial: UInt32 = 0
        switch (from, destination) {
        case (.v4(let source), .v4(let destination)):
            var header = IPv4Header(
                ipProtocol: .icmp, source: source, destination: destination,
                payloadBytes: 8 + message.count)
            header.timeToLive = timeToLive
            header.write(to: &span)
        case (.v6(let source), .v6(let target)):
            var header = IPv6Header(
                nextHeader: .icmpv6, source: source, destination: target,
                payloadBytes: 8 + message.count)
            header.hopLimit = timeToLive
            header.write(to: &span)
            initial = InternetChecksum.pseudoHeader(
                source: from, destination: destination, ipProtocol: .icmpv6,
                length: 8 + message.count)
        default: preconditionFailure("one family in one packet")
        }
        var icmp = span._mutatingExtracting(headerBytes..<span.byteCount)
        ICMPHeader(type: type, code: code, rest: rest).write(to: &icmp)
        let sum = InternetChecksum.sum(
            icmp, from: 0, count: 8 + message.count, initial: initial)
        icmp.store(bigEndian: InternetChecksum.fold(sum), at: 2)
        return bytes
    }
}

extension World {
    /// An error about a packet that a node sent, from where that packet went.
    func error(_ packet: ErrorPacket, about sent: Datagram) -> Datagram {
        var overlay = sent.overlay
        overlay.innerIsIPv4 = packet.from.isIPv4
        if overlay.marks.contains(.inbound) {
            overlay.marks = []
        } else {
            overlay.marks = .inbound
        }
        return Datagram(sent.machine, overlay, packet.bytes)
    }
}
