// The pseudo-headers that TCP, UDP and ICMPv6 checksums cover: addresses, protocol, length.
//
//   IPv4 (RFC 9293 §3.1)                    IPv6 (RFC 8200 §8.1)
//    0  source address           4          0  source address           16
//    4  destination address      4         16  destination address      16
//    8  zero 1 | protocol 1 | length 2     32  length 4 | zero 3 | next header 1

extension InternetChecksum {
    /// The sum of a pseudo-header. `length` is that of the transport header and its payload.
    /// The addresses are of one family.
    @inlinable
    public static func pseudoHeader(
        source: IPAddress, destination: IPAddress, ipProtocol: IPProtocol, length: Int
    ) -> UInt32 {
        let length = UInt32(truncatingIfNeeded: length)
        return sum(of: source) &+ sum(of: destination)
            &+ UInt32(ipProtocol.rawValue) &+ (length >> 16) &+ (length & 0xFFFF)
    }

    /// The sum of an address's words, at most 8 * 0xFFFF.
    @inlinable
    public static func sum(of address: IPAddress) -> UInt32 {
        switch address {
        case .v4(let address):
            (address.rawValue >> 16) &+ (address.rawValue & 0xFFFF)
        case .v6(let address):
            words(address.high) &+ words(address.low)
        }
    }

    @inlinable @inline(__always)
    static func words(_ value: UInt64) -> UInt32 {
        let halves = (value >> 32) &+ (value & 0xFFFF_FFFF)
        return UInt32(truncatingIfNeeded: (halves >> 32) &+ (halves >> 16 & 0xFFFF))
            &+ UInt32(truncatingIfNeeded: halves & 0xFFFF)
    }

    /// The UDP checksum to send for a sum.
    // RFC 768: a computed checksum of zero is sent as all ones.
    @inlinable @inline(__always)
    public static func foldUDP(_ sum: UInt32) -> UInt16 {
        let checksum = fold(sum)
        return checksum == 0 ? 0xFFFF : checksum
    }
}
