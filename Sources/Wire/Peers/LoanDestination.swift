// What a port is borrowed toward, with names in full: it must be understood whatever configuration
// the reader runs by.
//
//    0  resource            8
//    8  external address   16    IPv4 as IPv4-mapped
//   24  remote address     16
//   40  remote port         2
//   42  IP protocol         1
//   43  reserved, zero      1
//   44  lender's bucket     2    whose port set the port is of
//   46  reserved, zero      2

/// A gateway's external address, a remote end, and the bucket that lends.
public struct LoanDestination: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 48

    public var resource: ResourceID
    public var external: IPv6Address
    public var remote: IPv6Address
    public var remotePort: Port
    public var ipProtocol: IPProtocol
    public var lender: BucketIndex

    public init(
        resource: ResourceID, external: IPv6Address, remote: IPv6Address, remotePort: Port,
        ipProtocol: IPProtocol, lender: BucketIndex
    ) {
        self.resource = resource
        self.external = external
        self.remote = remote
        self.remotePort = remotePort
        self.ipProtocol = ipProtocol
        self.lender = lender
    }

    /// Reads 48 bytes at `offset`, which must be there.
    static func parse(_ bytes: RawSpan, at offset: Int) throws(PeerMessageError) -> Self {
        let destination = LoanDestination(
            resource: ResourceID(rawValue: bytes.bigEndianUInt64(at: offset)),
            external: bytes.ipv6Address(at: offset + 8), remote: bytes.ipv6Address(at: offset + 24),
            remotePort: Port(bytes.bigEndianUInt16(at: offset + 40)),
            ipProtocol: IPProtocol(rawValue: bytes.uint8(at: offset + 42)),
            lender: BucketIndex(rawValue: bytes.bigEndianUInt16(at: offset + 44)))
        guard destination.resource != .none else { throw .badValue }
        return destination
    }

    /// Writes 48 bytes at `offset`.
    func write(to bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(bigEndian: resource.rawValue, at: offset)
        bytes.store(external, at: offset + 8)
        bytes.store(remote, at: offset + 24)
        bytes.store(bigEndian: remotePort.rawValue, at: offset + 40)
        bytes.store(ipProtocol.rawValue, at: offset + 42)
        bytes.store(0 as UInt8, at: offset + 43)
        bytes.store(bigEndian: lender.rawValue, at: offset + 44)
        bytes.store(bigEndian: 0 as UInt16, at: offset + 46)
    }
}
