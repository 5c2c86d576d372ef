// Cutting an IPv4 packet that is too long for the way ahead and may be cut (RFC 791 §3.2).

public import Wire

/// How one packet is cut.
public struct IPv4Fragmenting: Sendable, BitwiseCopyable {
    let headerBytes: Int
    let dataBytes: Int
    /// Data in every fragment but the last, a multiple of 8.
    let step: Int
    /// Where the packet's data stands in its datagram, and whether more of that follows: it may be
    /// a fragment itself.
    let offset: Int
    let hasMore: Bool

    /// Nil if the way takes too little for the header and 8 bytes.
    public init?(_ summary: PacketSummary, mtu: Int) {
        headerBytes = summary.transportOffset
        dataBytes = summary.transportBytes
        step = (mtu - headerBytes) & ~7
        offset = summary.fragmentOffset
        hasMore = summary.moreFragments
        guard step > 0 else { return nil }
    }

    public var count: Int { (dataBytes + step - 1) / step }

    /// Where fragment `index` has its data in the packet, and how much.
    public func data(_ index: Int) -> (start: Int, count: Int) {
        let first = index * step
        return (headerBytes + first, min(step, dataBytes - first))
    }

    /// Bytes of the header, options included, before the data of each.
    public var copiedHeaderBytes: Int { headerBytes }

    /// Makes the header at the start of `bytes`, a copy of the packet's, that of fragment `index`.
    public func write(_ index: Int, to bytes: inout MutableRawSpan) {
        let (_, count) = data(index)
        let isLast = index + 1 == self.count
        let flags: UInt16 = !isLast || hasMore ? 0x2000 : 0
        let offset = UInt16((offset + index * step) >> 3)
        bytes.store(bigEndian: UInt16(headerBytes + count), at: 2)
        bytes.store(bigEndian: flags | offset, at: 6)
        if index > 0 { Self.keepCopiedOptions(&bytes, headerBytes) }
        bytes.store(bigEndian: 0 as UInt16, at: 10)
        let sum = InternetChecksum.sum(bytes, from: 0, count: headerBytes)
        bytes.store(bigEndian: InternetChecksum.fold(sum), at: 10)
    }

    // RFC 791 §3.1: options without the copied flag stand in the first fragment only. The others
    // keep the length: no-operations take the place.
    private static func keepCopiedOptions(_ bytes: inout MutableRawSpan, _ headerBytes: Int) {
        var position = IPv4Header.minimumByteCount
        while position < headerBytes {
            let type = bytes.uint8(at: position)
            if type == 0 { return }
            guard type != 1 else {
                position += 1
                continue
            }
            // The parser has seen that options have lengths, and end inside the header.
            let length = max(2, Int(bytes.uint8(at: position + 1)))
            if type & 0x80 == 0 {
                for place in position..<min(position + length, headerBytes) {
                    bytes.store(1 as UInt8, at: place)
                }
            }
            position += length
        }
    }
}
