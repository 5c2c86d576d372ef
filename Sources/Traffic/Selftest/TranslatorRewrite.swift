// A rewrite in place, with checksums by difference (RFC 1624), as a node does it.

import Wire

/// The new encapsulation and tuple of a packet, and the endpoint that it goes to.
struct TranslatorRewrite {
    var header: OverlayHeader
    var source: IPAddress
    var sourcePort: Port
    var destination: IPAddress
    var destinationPort: Port
    var endpoint: Int

    /// Rewrites the packet that `received` was read from.
    func apply(_ received: Received, to bytes: inout MutableRawSpan) {
        header.write(to: &bytes)
        let ip = received.innerOffset
        let transport = ip + received.summary.transportOffset
        var addresses = ChecksumAdjustment()
        addresses.replace(received.source, with: source)
        addresses.replace(received.destination, with: destination)
        if let source = source.v4, let destination = destination.v4 {
            bytes.store(source, at: ip + 12)
            bytes.store(destination, at: ip + 16)
            adjust(&bytes, at: ip + 10) { addresses.applied(to: $0) }
        } else {
            bytes.store(source.mapped, at: ip + 8)
            bytes.store(destination.mapped, at: ip + 24)
        }
        var all = addresses
        switch received.ipProtocol {
        case .icmp:
            var identifier = ChecksumAdjustment()
            let old = bytes.bigEndianUInt16(at: transport + 4)
            let isRequest = received.summary.icmpType == ICMPType.echoRequest
            let new = isRequest ? sourcePort.rawValue : destinationPort.rawValue
            identifier.replace(old, with: new)
            bytes.store(bigEndian: new, at: transport + 4)
            adjust(&bytes, at: transport + 2) { identifier.applied(to: $0) }
        default:
            all.replace(received.sourcePort.rawValue, with: sourcePort.rawValue)
            all.replace(received.destinationPort.rawValue, with: destinationPort.rawValue)
            bytes.store(bigEndian: sourcePort.rawValue, at: transport)
            bytes.store(bigEndian: destinationPort.rawValue, at: transport + 2)
            let isTCP = received.ipProtocol == .tcp
            adjust(&bytes, at: transport + (isTCP ? 16 : 6)) {
                isTCP ? all.applied(to: $0) : all.appliedToUDP($0)
            }
        }
    }

    private func adjust(
        _ bytes: inout MutableRawSpan, at offset: Int, _ change: (UInt16) -> UInt16
    ) {
        bytes.store(bigEndian: change(bytes.bigEndianUInt16(at: offset)), at: offset)
    }
}
