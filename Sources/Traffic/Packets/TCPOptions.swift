// The TCP options that emulated ends send. The timestamp's value is the flow's number, in every
// segment, so that segments without data are known too; its echo is the segment's serial number, so
// that a segment that comes twice is told from one that was sent twice.

import Wire

/// Layouts of our options.
enum TCPOptionBlock {
    /// MSS 4, SACK permitted 2, timestamps 10, no-operation 1, window scale 3 (RFC 9293 §3.2,
    /// RFC 2018 §2, RFC 7323 §2.2 and §3.2): what a Linux client's SYN carries.
    static let synBytes = 20
    /// Two no-operations, timestamps (RFC 7323 appendix A).
    static let segmentBytes = 12

    static func writeSYN(
        number: UInt32, serial: UInt16, to bytes: inout MutableRawSpan, at offset: Int
    ) {
        bytes.store(bigEndian: 0x0204_05B4 as UInt32, at: offset)
        bytes.store(bigEndian: 0x0402_080A as UInt32, at: offset + 4)
        bytes.store(bigEndian: number, at: offset + 8)
        bytes.store(bigEndian: UInt32(serial), at: offset + 12)
        bytes.store(bigEndian: 0x0103_0307 as UInt32, at: offset + 16)
    }

    static func writeSegment(
        number: UInt32, serial: UInt16, to bytes: inout MutableRawSpan, at offset: Int
    ) {
        bytes.store(bigEndian: 0x0101_080A as UInt32, at: offset)
        bytes.store(bigEndian: number, at: offset + 4)
        bytes.store(bigEndian: UInt32(serial), at: offset + 8)
    }

    /// The flow's number and the segment's serial number in either layout; nil if there are none,
    /// as in a node's own RST.
    static func names(in options: RawSpan) -> (number: UInt32, serial: UInt16)? {
        if options.byteCount == segmentBytes,
            options.bigEndianUInt32(at: 0) == 0x0101_080A
        {
            return (options.bigEndianUInt32(at: 4), options.bigEndianUInt16(at: 10))
        }
        if options.byteCount == synBytes, options.bigEndianUInt16(at: 6) == 0x080A {
            return (options.bigEndianUInt32(at: 8), options.bigEndianUInt16(at: 14))
        }
        return nil
    }
}
