// The envelope in which a snapshot travels and lies on disk: compressed, checksummed, and padded to
// a size class, so that its length says nothing and changes with nothing. It finds damage; it
// proves no origin.
//
//    0  magic 'HPEN'       4
//    4  format             2
//    6  reserved, zero     2
//    8  total length       8     of the envelope with its padding: a size class
//   16  payload length     8     before compression
//   24  block length       8
//   32  checksum           8     SipHash-1-3 of bytes 0 to 31 and of the block
//   40  LZ4 block
//       zeros to the total length

import Wire

/// Why bytes are not an envelope that this program can open.
public enum EnvelopeError: Error, Hashable, Sendable {
    /// Fewer bytes than the header says: a torn file or answer.
    case torn
    /// Not an envelope at all.
    case badMagic
    /// Written by a newer release; this one must be upgraded first.
    case newerFormat(UInt16)
    /// The checksum doesn't match, or the lengths contradict each other.
    case corrupt
    /// Longer than the longest size class: refused before anything is reserved for it.
    case tooLong(statedBytes: UInt64)
}

/// The lengths that an envelope can have: 64 KiB, 256 KiB, and so on to 256 MiB.
public struct SizeClass: Hashable, Sendable, Comparable, CaseIterable {
    public let byteCount: Int

    public static let allCases = stride(from: 16, through: 28, by: 2).map {
        SizeClass(byteCount: 1 << $0)
    }
    public static let smallest = allCases[0]
    public static let largest = allCases[allCases.count - 1]

    private init(byteCount: Int) { self.byteCount = byteCount }

    /// The smallest class with room for `byteCount`; nil if none has.
    public init?(holding byteCount: Int) {
        guard let found = Self.allCases.first(where: { $0.byteCount >= byteCount }) else {
            return nil
        }
        self = found
    }

    public static func < (left: Self, right: Self) -> Bool { left.byteCount < right.byteCount }
}

/// Writes and opens envelopes.
public enum Envelope {
    static let magic: UInt32 = 0x4850_454E
    /// Raised when a reader of this release could misread an envelope of the next.
    public static let format: UInt16 = 1
    public static let headerBytes = 40
    /// Longest payload that a reader opens: what it may have to hold beside the envelope.
    public static let payloadBoundBytes = LZ4Block.maximumBytes

    /// `payload` in an envelope of `leastClass`, or of the smallest larger class that it needs;
    /// nil if it fits in none.
    public static func seal(_ payload: [UInt8], leastClass: SizeClass) -> [UInt8]? {
        guard payload.count <= payloadBoundBytes else { return nil }
        let block = LZ4Block.compress(payload)
        guard let fitting = SizeClass(holding: headerBytes + block.count) else { return nil }
        let total = max(fitting, leastClass).byteCount
        var bytes = [UInt8](repeating: 0, count: headerBytes)
        bytes.reserveCapacity(total)
        bytes += block
        var span = bytes.mutableRawSpan
        span.store(bigEndian: magic, at: 0)
        span.store(bigEndian: format, at: 4)
        span.store(bigEndian: UInt64(total), at: 8)
        span.store(bigEndian: UInt64(payload.count), at: 16)
        span.store(bigEndian: UInt64(block.count), at: 24)
        let sum = checksum(span.bytes, blockBytes: block.count)
        span.store(bigEndian: sum, at: 32)
        bytes += repeatElement(0, count: total - bytes.count)
        return bytes
    }

    /// The payload. Throws for anything but the whole of one intact envelope; never traps, and
    /// reserves memory only for lengths that are within bounds and that the block could have.
    public static func open(_ envelope: [UInt8]) throws(EnvelopeError) -> [UInt8] {
        let bytes = envelope.rawSpan
        guard bytes.byteCount >= headerBytes else { throw .torn }
        guard bytes.bigEndianUInt32(at: 0) == magic else { throw .badMagic }
        let format = bytes.bigEndianUInt16(at: 4)
        guard format == Self.format else {
            // No release wrote a lower one.
            throw format > Self.format ? .newerFormat(format) : .corrupt
        }
        let total = bytes.bigEndianUInt64(at: 8)
        guard total <= UInt64(SizeClass.largest.byteCount) else {
            throw .tooLong(statedBytes: total)
        }
        guard bytes.byteCount >= Int(total) else { throw .torn }
        let blockBytes = bytes.bigEndianUInt64(at: 24)
        let payloadBytes = bytes.bigEndianUInt64(at: 16)
        guard bytes.byteCount == Int(total), total >= UInt64(headerBytes),
            blockBytes <= total - UInt64(headerBytes), payloadBytes <= UInt64(payloadBoundBytes),
            checksum(bytes, blockBytes: Int(blockBytes)) == bytes.bigEndianUInt64(at: 32),
            isZero(bytes, from: headerBytes + Int(blockBytes))
        else { throw .corrupt }
        let block = Array(envelope[headerBytes..<headerBytes + Int(blockBytes)])
        do throws(LZ4Error) {
            return try LZ4Block.decompress(
                block, statedBytes: Int(payloadBytes), boundBytes: payloadBoundBytes)
        } catch {
            throw .corrupt
        }
    }

    /// Of the header before the checksum, and of the block.
    static func checksum(_ bytes: RawSpan, blockBytes: Int) -> UInt64 {
        var hash = SipHash13(key0: 0x6879_7065_7270_6C61, key1: 0x6E65_2065_6E76_656C)
        for offset in stride(from: 0, to: 32, by: 8) {
            hash.combine(bytes.bigEndianUInt64(at: offset))
        }
        let end = headerBytes + blockBytes
        var offset = headerBytes
        while offset + 8 <= end {
            hash.combine(bytes.bigEndianUInt64(at: offset))
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < end {
            rest = rest << 8 | UInt64(bytes.uint8(at: offset))
            offset += 1
        }
        hash.combine(rest)
        return hash.finish()
    }

    private static func isZero(_ bytes: RawSpan, from start: Int) -> Bool {
        for offset in start..<bytes.byteCount where bytes.uint8(at: offset) != 0 { return false }
        return true
    }
}
