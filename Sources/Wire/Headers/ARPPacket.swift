// ARP for Ethernet and IPv4 (RFC 826): the one shape that virtual networks see.
//
//    0  hardware type 1 (Ethernet)     2
//    2  protocol type 0x0800           2
//    4  hardware address length 6      1
//    5  protocol address length 4      1
//    6  operation                      2
//    8  sender hardware address        6
//   14  sender protocol address        4
//   18  target hardware address        6
//   24  target protocol address        4

/// What an ARP packet says.
public struct ARPPacket: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 28

    /// Who has an address, and who answers that.
    public enum Operation: UInt16, Sendable, BitwiseCopyable {
        case request = 1
        case reply = 2
    }

    public var operation: Operation
    public var senderHardware: MACAddress
    public var sender: IPv4Address
    public var targetHardware: MACAddress
    public var target: IPv4Address

    public init(
        operation: Operation, senderHardware: MACAddress, sender: IPv4Address,
        targetHardware: MACAddress, target: IPv4Address
    ) {
        self.operation = operation
        self.senderHardware = senderHardware
        self.sender = sender
        self.targetHardware = targetHardware
        self.target = target
    }

    /// Reads the packet behind an Ethernet header; bytes beyond 28 are padding.
    public static func parse(_ bytes: RawSpan) throws(PacketError) -> ARPPacket {
        guard bytes.byteCount >= byteCount else { throw .tooShort }
        guard bytes.bigEndianUInt32(at: 0) == 0x0001_0800, bytes.bigEndianUInt16(at: 4) == 0x0604,
            let operation = Operation(rawValue: bytes.bigEndianUInt16(at: 6))
        else { throw .badARP }
        return ARPPacket(
            operation: operation, senderHardware: bytes.macAddress(at: 8),
            sender: bytes.ipv4Address(at: 14), targetHardware: bytes.macAddress(at: 18),
            target: bytes.ipv4Address(at: 24))
    }

    /// Writes the packet at offset 0; `bytes` has at least 28.
    public func write(to bytes: inout MutableRawSpan) {
        bytes.store(bigEndian: 0x0001_0800 as UInt32, at: 0)
        bytes.store(bigEndian: 0x0604 as UInt16, at: 4)
        bytes.store(bigEndian: operation.rawValue, at: 6)
        bytes.store(senderHardware, at: 8)
        bytes.store(sender, at: 14)
        bytes.store(targetHardware, at: 18)
        bytes.store(target, at: 24)
    }
}
