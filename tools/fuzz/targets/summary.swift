// PacketSummary: offsets inside the packet, nothing read beyond it, checksums filled are valid.

import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        examine(copy(bytes))
        examine(repaired(bytes))
    }
}

func examine(_ packet: [UInt8]) {
    guard let summary = try? PacketSummary.parse(packet.rawSpan) else { return }
    check(summary.totalBytes <= packet.count, "the packet is inside the bytes")
    check(summary.transportOffset >= 20, "the IP header comes first")
    check(summary.transportOffset <= summary.payloadOffset, "the transport header has a length")
    check(
        summary.payloadOffset + summary.payloadBytes <= summary.totalBytes,
        "the payload is inside the packet")
    check(
        summary.payloadBytes >= 0 && summary.fragmentOffset + summary.payloadBytes <= 65535,
        "no fragment ends beyond 65,535")
    check(!summary.isFirstFragment || summary.moreFragments, "a first fragment is not the last")
    let alone = Array(packet[..<summary.totalBytes])
    check(
        (try? PacketSummary.parse(alone.rawSpan)) == summary, "padding makes no difference")
    fill(alone, summary)
}

func fill(_ packet: [UInt8], _ summary: PacketSummary) {
    var filled = packet
    var span = filled.mutableRawSpan
    TransportChecksum.fill(&span, summary)
    check((try? PacketSummary.parse(filled.rawSpan)) == summary, "filling changes no field")
    let verdict = ChecksumVerdict.verify(filled.rawSpan, summary)
    check(verdict == .valid || verdict == .unverifiable, "a filled checksum is valid")
    let fillable = summary.kind != .fragment && TransportChecksum.offset(summary.tuple) != nil
    check((verdict == .valid) == fillable, "what can be filled can be verified")
}
