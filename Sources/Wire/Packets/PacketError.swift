// Why a packet from outside was refused: one name per defect, so that each has its own counter.

/// A defect of an inner packet, or of an Ethernet or ARP frame. The receiver drops the packet and
/// counts it under this name.
public enum PacketError: UInt8, Error, CaseIterable, Sendable, BitwiseCopyable {
    /// Fewer bytes than the header that must stand here.
    case tooShort
    /// The version nibble is neither 4 nor 6, or not the one that was asked for.
    case badVersion
    /// The IPv4 header length is below 20 bytes or beyond the packet.
    case badHeaderLength
    /// The IP length is shorter than the header or longer than the bytes at hand.
    case badTotalLength
    /// The IPv4 header checksum is wrong.
    case badIPChecksum
    /// An IPv4 or TCP option, or an IPv6 one, has an impossible length.
    case badOptions
    /// The sender names the route: IPv4 options LSRR and SSRR, IPv6 routing headers not used up.
    case sourceRoute
    /// An IPv6 extension header runs beyond the packet, or stands where it mustn't.
    case badExtensionHeader
    /// More IPv6 extension headers than `IPv6ExtensionHeaders.limit`.
    case tooManyExtensionHeaders
    /// An IPv6 packet from or to an IPv4-mapped address, ::ffff:0:0/96.
    case mappedAddress
    /// The TCP, UDP or ICMP header is cut off, or the TCP data offset is impossible.
    case badTransportHeader
    /// The UDP length is below 8 or exceeds the IP payload.
    case udpLengthMismatch
    /// A first fragment without its whole transport header, or a second one that would overwrite
    /// it.
    case tinyFragment
    /// A fragment that isn't the last and not a multiple of 8 bytes, or one that ends beyond
    /// 65,535.
    case badFragment
    /// The packet inside an ICMP error is cut off before its ports, or damaged.
    case badEmbeddedPacket
    /// An ARP packet not of Ethernet and IPv4.
    case badARP
}
