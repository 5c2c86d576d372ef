// The Geneve base header (RFC 8926 §3.4), read in place and as a value.
//
//    0               1               2               3
//   +---+-----------+-+-+-----------+-------------------------------+
//   |Ver|  Opt Len  |O|C|   Rsvd    |         Protocol type         |  0
//   +---+-----------+-+-+-----------+---------------+---------------+
//   |        Virtual network identifier (VNI)       |   Reserved    |  4
//   +-----------------------------------------------+---------------+
//   |                 Options, 4 * Opt Len bytes                    |  8

/// What a Geneve base header says.
public struct GeneveHeader: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 8
    /// Base header and the longest options.
    public static let maximumByteCount = 8 + 63 * 4

    /// 0 to 252, a multiple of 4.
    public var optionBytes: Int
    public var isControl: Bool
    public var hasCriticalOptions: Bool
    public var protocolType: EtherType
    public var vni: VNI

    public init(
        vni: VNI, protocolType: EtherType, optionBytes: Int = 0, hasCriticalOptions: Bool = false,
        isControl: Bool = false
    ) {
        self.vni = vni
        self.protocolType = protocolType
        self.optionBytes = optionBytes
        self.hasCriticalOptions = hasCriticalOptions
        self.isControl = isControl
    }

    /// Reads and checks the base header; the options it states are inside `bytes`. A control
    /// packet is not refused here, as its options may be read.
    public static func parse(_ bytes: RawSpan) throws(OverlayError) -> GeneveHeader {
        guard bytes.byteCount >= byteCount else { throw .tooShort }
        let first = bytes.uint8(at: 0)
        // RFC 8926 §3.4 (version): an unknown one is dropped.
        guard first >> 6 == 0 else { throw .badVersion }
        // RFC 8926 §3.4 (options length), §3.5.1 (capability): all 252 bytes can be read.
        let optionBytes = Int(first & 0x3F) * 4
        guard bytes.byteCount >= byteCount + optionBytes else { throw .tooShort }
        let flags = bytes.uint8(at: 1)
        return GeneveHeader(
            vni: VNI(truncating: bytes.bigEndianUInt32(at: 4) >> 8),
            protocolType: EtherType(rawValue: bytes.bigEndianUInt16(at: 2)),
            optionBytes: optionBytes, hasCriticalOptions: flags & 0x40 != 0,
            isControl: flags & 0x80 != 0)
    }

    /// Writes the base header at offset 0; `bytes` has at least 8. Reserved bits are zero.
    public func write(to bytes: inout MutableRawSpan) {
        // RFC 8926 §3.4 (reserved).
        precondition(optionBytes >= 0 && optionBytes <= 252 && optionBytes & 3 == 0)
        bytes.store(UInt8(optionBytes >> 2), at: 0)
        bytes.store((isControl ? 0x80 : 0) | (hasCriticalOptions ? 0x40 : 0), at: 1)
        bytes.store(bigEndian: protocolType.rawValue, at: 2)
        bytes.store(bigEndian: vni.rawValue << 8, at: 4)
    }
}
