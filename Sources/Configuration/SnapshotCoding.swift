// The snapshot's bytes: a checked header, then every list in order. Big-endian; strings and lists
// carry their lengths. Whatever changes in the body changes the format's number.
//
//      0       4       6       8              16             24
//      | magic | format| 0     | body length  | checksum     | body ...
//
// The checksum is SipHash-1-3 of the body's words: it finds damage, it proves no origin.

import Wire

/// Why bytes are not a snapshot that this program can run by.
public enum SnapshotError: Error, Hashable, Sendable {
    /// Fewer bytes than the header and its length say: a torn file or answer.
    case torn
    /// Not a snapshot at all.
    case badMagic
    /// Written by a newer release; this one must be upgraded first.
    case newerFormat(UInt16)
    /// Written by an older release, in a form that is read no more.
    case olderFormat(UInt16)
    /// The checksum does not match.
    case corrupt
    /// The checksum matches, but a field has no meaning.
    case invalid(String)
}

/// Turns a snapshot into bytes.
public enum SnapshotEncoder {
    static let magic: UInt32 = 0x4850_534E
    /// Raised with every change of what stands in the body, so that no release misreads another's.
    public static let format: UInt16 = 3
    static let headerBytes = 24

    public static func encode(_ snapshot: Snapshot) -> [UInt8] {
        var body = ByteWriter()
        snapshot.write(to: &body)
        var header = ByteWriter()
        header.write(magic)
        header.write(format)
        header.write(UInt16(0))
        header.write(UInt64(body.bytes.count))
        header.write(checksum(body.bytes[...]))
        return header.bytes + body.bytes
    }

    static func checksum(_ body: ArraySlice<UInt8>) -> UInt64 {
        var hash = SipHash13(key0: 0x6879_7065_7270_6C61, key1: 0x6E65_2073_6E61_7073)
        var word: UInt64 = 0
        var filled = 0
        for byte in body {
            word = word << 8 | UInt64(byte)
            filled += 1
            if filled == 8 {
                hash.combine(word)
                word = 0
                filled = 0
            }
        }
        hash.combine(word)
        hash.combine(UInt64(body.count))
        return hash.finish()
    }
}

/// Turns bytes back into a snapshot, after checking them.
public enum SnapshotDecoder {
    /// Throws a `SnapshotError` for anything but the whole of one intact snapshot; never traps.
    public static func decode(_ bytes: [UInt8]) throws(SnapshotError) -> Snapshot {
        guard bytes.count >= SnapshotEncoder.headerBytes else { throw .torn }
        var header = ByteReader(bytes[..<SnapshotEncoder.headerBytes])
        guard try header.uint32() == SnapshotEncoder.magic else { throw .badMagic }
        let format = try header.uint16()
        guard format <= SnapshotEncoder.format else { throw .newerFormat(format) }
        guard format == SnapshotEncoder.format else { throw .olderFormat(format) }
        _ = try header.uint16()
        let bodyBytes = try header.uint64()
        let checksum = try header.uint64()
        let body = bytes[SnapshotEncoder.headerBytes...]
        guard UInt64(body.count) >= bodyBytes else { throw .torn }
        guard UInt64(body.count) == bodyBytes, SnapshotEncoder.checksum(body) == checksum else {
            throw .corrupt
        }
        var reader = ByteReader(body)
        let snapshot = try Snapshot(from: &reader)
        if let problem = snapshot.problems().first { throw .invalid(problem) }
        return snapshot
    }
}
