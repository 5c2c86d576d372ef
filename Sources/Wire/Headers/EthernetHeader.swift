// The Ethernet II header, with or without one IEEE 802.1Q tag, read in place and as a value.
//
//    0  destination address                6
//    6  source address                     6
//   12  EtherType                          2     0x8100: the tag follows
//   14  priority 3 bits, DEI 1, VLAN 12    2     with a tag
//   16  EtherType of the payload           2     with a tag

/// An Ethernet frame whose header is whole: no accessor traps.
public struct EthernetView: ~Escapable {
    public let bytes: RawSpan

    @inlinable
    @_lifetime(copy frame)
    public init(_ frame: RawSpan) throws(PacketError) {
        guard frame.byteCount >= EthernetHeader.byteCount else { throw .tooShort }
        if frame.bigEndianUInt16(at: 12) == EtherType.vlan.rawValue,
            frame.byteCount < EthernetHeader.taggedByteCount
        {
            throw .tooShort
        }
        bytes = frame
    }

    @inlinable public var destination: MACAddress { bytes.macAddress(at: 0) }
    @inlinable public var source: MACAddress { bytes.macAddress(at: 6) }
    @inlinable public var isTagged: Bool {
        bytes.bigEndianUInt16(at: 12) == EtherType.vlan.rawValue
    }
    /// Priority, DEI and VLAN identifier, if there is a tag.
    @inlinable public var tag: UInt16? { isTagged ? bytes.bigEndianUInt16(at: 14) : nil }
    /// Of the payload, behind the tag.
    @inlinable public var etherType: EtherType {
        EtherType(rawValue: bytes.bigEndianUInt16(at: isTagged ? 16 : 12))
    }
    @inlinable public var headerBytes: Int {
        isTagged ? EthernetHeader.taggedByteCount : EthernetHeader.byteCount
    }
}

/// What an Ethernet header says.
public struct EthernetHeader: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 14
    public static let taggedByteCount = 18

    public var destination: MACAddress
    public var source: MACAddress
    /// Priority, DEI and VLAN identifier, if there is a tag.
    public var tag: UInt16?
    public var etherType: EtherType

    public init(
        destination: MACAddress, source: MACAddress, etherType: EtherType, tag: UInt16? = nil
    ) {
        self.destination = destination
        self.source = source
        self.etherType = etherType
        self.tag = tag
    }

    /// Bytes that `write` writes.
    public var headerBytes: Int {
        tag == nil ? EthernetHeader.byteCount : EthernetHeader.taggedByteCount
    }

    /// Reads the header at the start of a frame.
    public static func parse(_ frame: RawSpan) throws(PacketError) -> EthernetHeader {
        let view = try EthernetView(frame)
        return EthernetHeader(
            destination: view.destination, source: view.source, etherType: view.etherType,
            tag: view.tag)
    }

    /// Writes the header at offset 0; `bytes` has at least `headerBytes`.
    public func write(to bytes: inout MutableRawSpan) {
        bytes.store(destination, at: 0)
        bytes.store(source, at: 6)
        guard let tag else {
            bytes.store(bigEndian: etherType.rawValue, at: 12)
            return
        }
        bytes.store(bigEndian: EtherType.vlan.rawValue, at: 12)
        bytes.store(bigEndian: tag, at: 14)
        bytes.store(bigEndian: etherType.rawValue, at: 16)
    }
}
