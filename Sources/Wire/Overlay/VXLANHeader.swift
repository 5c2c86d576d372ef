// The VXLAN header (RFC 7348 §5). The product speaks Geneve; this is for gateways to VXLAN.
//
//    0               1               2               3
//   +---------------+-----------------------------------------------+
//   |R R R R I R R R|                   Reserved                    |  0
//   +---------------+-------------------------------+---------------+
//   |        Virtual network identifier (VNI)       |   Reserved    |  4
//   +-----------------------------------------------+---------------+

/// What a VXLAN header says. An Ethernet frame follows it.
public struct VXLANHeader: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 8

    public var vni: VNI

    public init(vni: VNI) { self.vni = vni }

    /// Reads the header at the start of a UDP payload. Reserved bits are ignored.
    // RFC 7348 §5: the I flag is set for a valid VNI.
    public static func parse(_ bytes: RawSpan) throws(OverlayError) -> VXLANHeader {
        guard bytes.byteCount >= byteCount else { throw .tooShort }
        guard bytes.uint8(at: 0) & 0x08 != 0 else { throw .vniMissing }
        return VXLANHeader(vni: VNI(truncating: bytes.bigEndianUInt32(at: 4) >> 8))
    }

    /// Writes the header at offset 0; `bytes` has at least 8.
    public func write(to bytes: inout MutableRawSpan) {
        bytes.store(bigEndian: 0x0800_0000 as UInt32, at: 0)
        bytes.store(bigEndian: vni.rawValue << 8, at: 4)
    }
}
