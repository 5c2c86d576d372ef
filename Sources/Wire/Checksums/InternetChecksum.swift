// The Internet checksum (RFC 1071 §1, §3): the complement of the one's complement sum of 16-bit
// words, in full and by difference (RFC 1624, equation 3; never equation 2 of RFC 1141, which can give the
// wrong zero).

/// Functions on the Internet checksum. None allocates.
///
/// A *sum* is an unfolded one's complement sum of 16-bit words in 32 bits: sums of parts with an
/// even number of bytes may be chained by `initial`, and `fold` makes the checksum of the last.
public enum InternetChecksum {
    /// The sum of `bytes`, added to `initial`. An odd last byte counts as the high half of a word,
    /// so only the last of several chained parts may be odd.
    /// Cost: one pass, eight bytes a step. The result is below `initial` + 2^16, unless that
    /// overflows, when the carry is brought around.
    @inlinable
    public static func sum(_ bytes: RawSpan, initial: UInt32 = 0) -> UInt32 {
        // RFC 1071 §2 (B): the sum doesn't depend on byte order, so words are added as the machine
        // loads them and the result is swapped once.
        let total = unsafe bytes.withUnsafeBytes { buffer in unsafe nativeSum(buffer) }
        let word = UInt16(bigEndian: UInt16(truncatingIfNeeded: foldNative(total)))
        let (sum, overflow) = initial.addingReportingOverflow(UInt32(word))
        return overflow ? sum &+ 1 : sum
    }

    /// The sum of `count` bytes from `offset` of a span that is being written.
    @inlinable
    public static func sum(
        _ bytes: borrowing MutableRawSpan, from offset: Int, count: Int, initial: UInt32 = 0
    ) -> UInt32 {
        sum(bytes.bytes.extracting(offset..<offset + count), initial: initial)
    }

    /// The checksum for a sum: folded to 16 bits and complemented.
    @inlinable @inline(__always)
    public static func fold(_ sum: UInt32) -> UInt16 { ~folded(sum) }

    /// A sum folded to 16 bits, not complemented. Zero only for a sum of zero.
    @inlinable @inline(__always)
    public static func folded(_ sum: UInt32) -> UInt16 {
        let once = (sum & 0xFFFF) &+ (sum >> 16)
        return UInt16(truncatingIfNeeded: once &+ (once >> 16))
    }

    /// The checksum of `bytes`, given the sum of what stands before them (a pseudo-header).
    @inlinable
    public static func checksum(_ bytes: RawSpan, initial: UInt32 = 0) -> UInt16 {
        fold(sum(bytes, initial: initial))
    }

    @inlinable
    static func nativeSum(_ buffer: UnsafeRawBufferPointer) -> UInt64 {
        var total: UInt64 = 0
        var offset = 0
        let count = buffer.count
        // Proof for all loads: `offset` plus the size loaded is at most `count`. Each word adds
        // less than 2^33, so 2^31 of them fit; a span of packet bytes is far shorter.
        while count &- offset >= 8 {
            let word = unsafe buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            total &+= (word & 0xFFFF_FFFF) &+ (word >> 32)
            offset &+= 8
        }
        while count &- offset >= 2 {
            total &+= unsafe UInt64(
                buffer.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
            offset &+= 2
        }
        if offset < count {
            total &+= unsafe UInt64(UInt16(bigEndian: UInt16(buffer[offset]) << 8))
        }
        return total
    }

    @inlinable @inline(__always)
    static func foldNative(_ total: UInt64) -> UInt64 {
        var value = (total & 0xFFFF_FFFF) &+ (total >> 32)
        value = (value & 0xFFFF) &+ ((value >> 16) & 0xFFFF) &+ (value >> 32)
        value = (value & 0xFFFF) &+ (value >> 16)
        return (value & 0xFFFF) &+ (value >> 16)
    }
}

// RFC 1624 §3, equation 3: HC' = ~(~HC + ~m + m').
extension InternetChecksum {
    /// The checksum after one 16-bit word of the covered bytes changed. Equal to a full
    /// recomputation whenever any covered word, or the pseudo-header, is not zero; that holds for
    /// every IPv4, TCP, UDP and ICMPv6 checksum.
    @inlinable @inline(__always)
    public static func updated(
        _ checksum: UInt16, from old: UInt16, to new: UInt16
    ) -> UInt16 {
        fold(UInt32(~checksum) &+ UInt32(~old) &+ UInt32(new))
    }

    /// The same for 32 bits at an even offset: an IPv4 address.
    @inlinable @inline(__always)
    public static func updated(
        _ checksum: UInt16, from old: UInt32, to new: UInt32
    ) -> UInt16 {
        var adjustment = ChecksumAdjustment()
        adjustment.replace(old, with: new)
        return adjustment.applied(to: checksum)
    }
}
