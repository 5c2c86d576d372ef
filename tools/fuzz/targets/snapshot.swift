// SnapshotDecoder: the input as the body behind a right header. What is taken for a snapshot has
// no problems, and is encoded and decoded to the same.

import Configuration
import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        let raw = copy(bytes)
        check((try? SnapshotDecoder.decode(raw)) == nil || raw.count >= 24, "a header is needed")
        guard let snapshot = try? SnapshotDecoder.decode(withHeader(raw)) else { return }
        check(snapshot.problems().isEmpty, "a snapshot with problems is refused")
        let again = SnapshotEncoder.encode(snapshot)
        check((try? SnapshotDecoder.decode(again)) == snapshot, "encoded and decoded again")
    }
}

/// The header that makes a body pass: magic, format, length, checksum (SnapshotCoding.swift).
func withHeader(_ body: [UInt8]) -> [UInt8] {
    var hash = SipHash13(key0: 0x6879_7065_7270_6C61, key1: 0x6E65_2073_6E61_7073)
    let whole = body.count / 8
    for index in 0..<whole { hash.combine(body.rawSpan.bigEndianUInt64(at: index * 8)) }
    hash.combine(body[(whole * 8)...].reduce(0) { $0 << 8 | UInt64($1) })
    hash.combine(UInt64(body.count))
    let checksum = hash.finish()
    let header = written(24) { bytes in
        bytes.store(bigEndian: 0x4850_534E as UInt32, at: 0)
        bytes.store(bigEndian: SnapshotEncoder.format, at: 4)
        bytes.store(bigEndian: UInt64(body.count), at: 8)
        bytes.store(bigEndian: checksum, at: 16)
    }
    return header + body
}
