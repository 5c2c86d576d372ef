// Which sets of control bits a TCP segment may have. All others are probes or damage, and some
// systems let them through untranslated: here they are refused by name.

public import Wire

extension TCPFlags {
    /// The flags that make a segment what it is: without PSH, and without ECN's two.
    @inlinable
    var kind: UInt8 { rawValue & 0x37 }

    /// A bit for each legal value of `kind`: SYN, SYN+URG, SYN+ACK, RST, RST+ACK, FIN+ACK,
    /// FIN+ACK+URG, ACK, ACK+URG.
    @usableFromInline static var legalKinds: UInt64 {
        1 << 0x02 | 1 << 0x22 | 1 << 0x12 | 1 << 0x04 | 1 << 0x14 | 1 << 0x11 | 1 << 0x31
            | 1 << 0x10 | 1 << 0x30
    }

    /// Whether a segment may have these flags. NULL, SYN+FIN, SYN+RST, FIN without ACK and their
    /// like may not. RFC 9293 §3.10.7: every segment of a connection but the first and an RST
    /// carries an acknowledgment.
    @inlinable
    public var areLegal: Bool { Self.legalKinds &>> UInt64(kind) & 1 != 0 }
}
