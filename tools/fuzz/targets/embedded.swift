// EmbeddedPacket: the input as the inside of an ICMP and of an ICMPv6 error.

import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        guard bytes.byteCount <= 60000 else { return }
        examine(around(repaired(bytes)))
        examine(aroundIPv6(copy(bytes)))
    }
}

func examine(_ packet: [UInt8]) {
    guard let summary = try? PacketSummary.parse(packet.rawSpan) else {
        fatalError("the error itself is sound")
    }
    check(summary.kind == .icmpError, "it is an error")
    guard let found = try? EmbeddedPacket.parse(in: packet.rawSpan, of: summary) else { return }
    check(found.offset == summary.payloadOffset, "it begins where the payload begins")
    check(found.transportOffset >= found.offset + 20, "its IP header comes first")
    check(found.transportOffset + 8 <= found.end, "8 bytes of its transport are there")
    check(found.end <= summary.totalBytes, "it ends inside the packet")
    check(found.tuple.source.isIPv4 == summary.isIPv4, "it is of the error's family")
    // Cut off where it ends: the same. With what is left whole, the summary agrees.
    let inner = Array(packet[found.offset..<found.end])
    if let whole = try? PacketSummary.parse(inner.rawSpan), whole.kind != .fragment {
        check(whole.tuple == found.tuple, "a whole packet has the same tuple")
    }
}

func around(_ inner: [UInt8]) -> [UInt8] {
    let header = IPv4Header(
        ipProtocol: .icmp, source: IPv4Address(192, 0, 2, 1), destination: IPv4Address(10, 0, 0, 1),
        payloadBytes: 8 + inner.count)
    let icmp = ICMPHeader(type: ICMPType.destinationUnreachable, code: 3)
    return written(20) { header.write(to: &$0) } + written(8) { icmp.write(to: &$0) } + inner
}

func aroundIPv6(_ inner: [UInt8]) -> [UInt8] {
    let header = IPv6Header(
        nextHeader: .icmpv6, source: IPv6Address(high: 1, low: 1),
        destination: IPv6Address(high: 2, low: 2), payloadBytes: 8 + inner.count)
    let icmp = ICMPHeader(type: ICMPv6Type.timeExceeded)
    return written(40) { header.write(to: &$0) } + written(8) { icmp.write(to: &$0) } + inner
}
