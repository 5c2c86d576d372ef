// The packets that emulated instances, servers and targets send: written into a frame, encapsulated,
// with right checksums.

import Wire

/// Everything that decides a packet's bytes, but for its marker.
struct PacketForm: Sendable {
    var ipProtocol: IPProtocol
    var source: IPAddress
    var sourcePort: Port
    var destination: IPAddress
    var destinationPort: Port
    var identification: UInt16 = 0
    /// Data bytes: at least the marker's, or none.
    var payloadBytes: Int
    var icmpType = ICMPType.echoRequest
    /// The sequence number of an echo.
    var echoSequence: UInt16 = 0
    var tcpFlags: TCPFlags = []
    var tcpSequence: UInt32 = 0
    var tcpAcknowledgment: UInt32 = 0
    /// The TCP timestamp: the flow's number.
    var number: UInt32 = 0
    /// Its echo: which of its sender's segments this is.
    var serial: UInt16 = 0

    /// Transport header and options.
    var transportHeaderBytes: Int {
        guard ipProtocol == .tcp else { return 8 }
        return 20
            + (tcpFlags.contains(.syn)
                ? TCPOptionBlock.synBytes : TCPOptionBlock.segmentBytes)
    }

    /// Of the IP header.
    var headerBytes: Int { source.isIPv4 ? 20 : IPv6Header.byteCount }

    var totalBytes: Int { headerBytes + transportHeaderBytes + payloadBytes }

    /// Bytes of data that make an IP packet of `total` bytes, at least the marker's.
    static func payloadBytes(_ ipProtocol: IPProtocol, total: Int, isIPv4: Bool) -> Int {
        max(Marker.byteCount, total - (isIPv4 ? 20 : 40) - (ipProtocol == .tcp ? 32 : 8))
    }

    /// Writes header and packet over `bytes`, which is exactly as long as both; the data that is
    /// there stays, beginning with `marker` if there is one.
    func write(_ header: OverlayHeader, marker: Marker?, to bytes: inout MutableRawSpan) {
        header.write(to: &bytes)
        var inner = bytes._mutatingExtracting(OverlayHeader.byteCount..<bytes.byteCount)
        writeIP(to: &inner)
        marker?.write(to: &inner, at: headerBytes + transportHeaderBytes)
        writeTransport(to: &inner)
    }

    private func writeIP(to inner: inout MutableRawSpan) {
        guard let source = source.v4, let destination = destination.v4 else {
            IPv6Header(
                nextHeader: ipProtocol, source: source.mapped, destination: destination.mapped,
                payloadBytes: totalBytes - headerBytes
            ).write(to: &inner)
            return
        }
        var ip = IPv4Header(
            ipProtocol: ipProtocol, source: source, destination: destination,
            payloadBytes: totalBytes - headerBytes)
        ip.identification = identification
        ip.dontFragment = true
        ip.write(to: &inner)
    }

    private func writeTransport(to inner: inout MutableRawSpan) {
        let start = headerBytes
        switch ipProtocol {
        case .tcp: writeTCP(to: &inner)
        case .udp:
            inner.store(bigEndian: sourcePort.rawValue, at: start)
            inner.store(bigEndian: destinationPort.rawValue, at: start + 2)
            inner.store(bigEndian: UInt16(8 + payloadBytes), at: start + 4)
        default:
            let isRequest = icmpType == ICMPType.echoRequest
            let identifier = isRequest ? sourcePort : destinationPort
            inner.store(bigEndian: UInt16(icmpType) << 8, at: start)
            inner.store(bigEndian: identifier.rawValue, at: start + 4)
            inner.store(bigEndian: echoSequence, at: start + 6)
        }
        writeChecksum(to: &inner)
    }

    private func writeTCP(to inner: inout MutableRawSpan) {
        var header = TCPHeader(
            sourcePort: sourcePort, destinationPort: destinationPort, flags: tcpFlags)
        header.sequenceNumber = tcpSequence
        header.acknowledgmentNumber = tcpAcknowledgment
        header.headerBytes = UInt8(transportHeaderBytes)
        var segment = inner._mutatingExtracting(headerBytes..<inner.byteCount)
        header.write(to: &segment)
        if tcpFlags.contains(.syn) {
            TCPOptionBlock.writeSYN(number: number, serial: serial, to: &segment, at: 20)
        } else {
            TCPOptionBlock.writeSegment(number: number, serial: serial, to: &segment, at: 20)
        }
    }

    private func writeChecksum(to inner: inout MutableRawSpan) {
        let offset = headerBytes + (ipProtocol == .tcp ? 16 : ipProtocol == .udp ? 6 : 2)
        inner.store(bigEndian: 0 as UInt16, at: offset)
        let pseudo =
            ipProtocol == .icmp
            ? 0
            : InternetChecksum.pseudoHeader(
                source: source, destination: destination, ipProtocol: ipProtocol,
                length: totalBytes - headerBytes)
        let checksum = InternetChecksum.fold(
            InternetChecksum.sum(inner.bytes.extracting(headerBytes..<totalBytes), initial: pseudo))
        // RFC 768: a UDP sum that comes to zero is sent as all ones.
        inner.store(
            bigEndian: ipProtocol == .udp && checksum == 0 ? 0xFFFF : checksum, at: offset)
    }
}
