// Packets as arrays of bytes, written so that anything in them can be made wrong afterwards. Slower
// than `PacketForm`, and not for load.

import Wire

/// Builds and mends whole IPv4 packets.
enum IPv4Bytes {
    /// A packet with a right header checksum.
    static func packet(
        _ ipProtocol: IPProtocol, from source: IPv4Address, to destination: IPv4Address,
        options: [UInt8] = [], _ payload: [UInt8]
    ) -> [UInt8] {
        let headerBytes = 20 + options.count
        var bytes = [UInt8](repeating: 0, count: headerBytes) + payload
        bytes[0] = 0x40 | UInt8(headerBytes / 4)
        bytes.put(UInt16(bytes.count), at: 2)
        // An identification of its own for each packet, so that fragments don't mix.
        bytes.put(identification(payload), at: 4)
        bytes[8] = 64
        bytes[9] = ipProtocol.rawValue
        bytes.put(source, at: 12)
        bytes.put(destination, at: 16)
        bytes.replaceSubrange(20..<headerBytes, with: options)
        sealHeader(&bytes)
        return bytes
    }

    private static func identification(_ payload: [UInt8]) -> UInt16 {
        var hash: UInt64 = 0
        for byte in payload.suffix(16) { hash = Mix.scatter(hash ^ UInt64(byte)) }
        return UInt16(truncatingIfNeeded: hash) | 1
    }

    static func headerBytes(_ bytes: [UInt8]) -> Int { Int(bytes[0] & 15) * 4 }

    /// Computes the header's checksum.
    static func sealHeader(_ bytes: inout [UInt8]) {
        bytes.put(UInt16(0), at: 10)
        bytes.put(checksum(bytes[..<headerBytes(bytes)]), at: 10)
    }

    /// Computes the transport's checksum over all that follows the header.
    static func sealTransport(_ bytes: inout [UInt8]) {
        let start = headerBytes(bytes)
        let ipProtocol = IPProtocol(rawValue: bytes[9])
        guard let offset = checksumOffset(ipProtocol), bytes.count >= start + offset + 2 else {
            return
        }
        bytes.put(UInt16(0), at: start + offset)
        let sum = checksum(bytes[start...], initial: pseudoHeader(bytes, ipProtocol))
        bytes.put(ipProtocol == .udp && sum == 0 ? 0xFFFF : sum, at: start + offset)
    }

    static func checksumOffset(_ ipProtocol: IPProtocol) -> Int? {
        switch ipProtocol {
        case .tcp: 16
        case .udp: 6
        case .icmp: 2
        default: nil
        }
    }

    /// Whether both checksums are right. A UDP checksum of zero is none, and right.
    static func checksumsAreRight(_ bytes: [UInt8]) -> Bool {
        let start = headerBytes(bytes)
        guard start >= 20, bytes.count >= start, checksum(bytes[..<start]) == 0 else {
            return false
        }
        let ipProtocol = IPProtocol(rawValue: bytes[9])
        guard let offset = checksumOffset(ipProtocol), bytes.count >= start + offset + 2 else {
            return true
        }
        if ipProtocol == .udp, bytes.uint16(at: start + offset) == 0 { return true }
        return checksum(bytes[start...], initial: pseudoHeader(bytes, ipProtocol)) == 0
    }

    private static func pseudoHeader(_ bytes: [UInt8], _ ipProtocol: IPProtocol) -> UInt32 {
        guard ipProtocol != .icmp else { return 0 }
        return InternetChecksum.pseudoHeader(
            source: .v4(bytes.address(at: 12)), destination: .v4(bytes.address(at: 16)),
            ipProtocol: ipProtocol, length: bytes.count - headerBytes(bytes))
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>, initial: UInt32 = 0) -> UInt16 {
        let copy = Array(bytes)
        return InternetChecksum.checksum(copy.rawSpan, initial: initial)
    }
}

extension [UInt8] {
    mutating func put(_ value: UInt16, at offset: Int) {
        self[offset] = UInt8(value >> 8)
        self[offset + 1] = UInt8(value & 0xFF)
    }

    mutating func put(_ value: UInt32, at offset: Int) {
        put(UInt16(value >> 16), at: offset)
        put(UInt16(value & 0xFFFF), at: offset + 2)
    }

    mutating func put(_ address: IPv4Address, at offset: Int) {
        put(address.rawValue, at: offset)
    }

    func uint16(at offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) }

    func uint32(at offset: Int) -> UInt32 {
        UInt32(uint16(at: offset)) << 16 | UInt32(uint16(at: offset + 2))
    }

    func address(at offset: Int) -> IPv4Address { IPv4Address(rawValue: uint32(at: offset)) }

    /// Whether this is a fragment of a longer packet.
    var isFragment: Bool { uint16(at: 6) & 0x3FFF != 0 }
}
