// What a rewrite does to the checksums over the rewritten words: gathered once, applied to each
// checksum that covers them (RFC 1624 equation 3, RFC 3022 §4.2).

/// The sum of ~m + m' over the words changed. Four bytes; order doesn't matter.
public struct ChecksumAdjustment: Sendable, BitwiseCopyable {
    @usableFromInline var sum: UInt32 = 0

    @inlinable public init() {}

    /// Notes that a 16-bit word at an even offset changed.
    @inlinable @inline(__always)
    public mutating func replace(_ old: UInt16, with new: UInt16) {
        add(UInt32(~old) &+ UInt32(new))
    }

    /// Notes that 32 bits at an even offset changed.
    @inlinable @inline(__always)
    public mutating func replace(_ old: UInt32, with new: UInt32) {
        let complement = ~old
        add((complement >> 16) &+ (complement & 0xFFFF) &+ (new >> 16) &+ (new & 0xFFFF))
    }

    /// Notes that an address changed. The families may differ (RFC 7915 §4.5).
    @inlinable
    public mutating func replace(_ old: IPAddress, with new: IPAddress) {
        switch (old, new) {
        case (.v4(let old), .v4(let new)):
            replace(old.rawValue, with: new.rawValue)
        default:
            add(~UInt32(InternetChecksum.folded(InternetChecksum.sum(of: old))) & 0xFFFF)
            add(InternetChecksum.sum(of: new))
        }
    }

    /// The new checksum for an old one.
    @inlinable @inline(__always)
    public func applied(to checksum: UInt16) -> UInt16 {
        InternetChecksum.fold(UInt32(~checksum) &+ UInt32(InternetChecksum.folded(sum)))
    }

    /// The new UDP checksum for an old one.
    // RFC 768: 0 means that the sender made none, and stays; a sum that comes to 0 is sent as
    // all ones.
    @inlinable @inline(__always)
    public func appliedToUDP(_ checksum: UInt16) -> UInt16 {
        guard checksum != 0 else { return 0 }
        let result = applied(to: checksum)
        return result == 0 ? 0xFFFF : result
    }

    @inlinable @inline(__always)
    mutating func add(_ words: UInt32) {
        sum = UInt32(InternetChecksum.folded(sum)) &+ UInt32(InternetChecksum.folded(words))
    }
}
