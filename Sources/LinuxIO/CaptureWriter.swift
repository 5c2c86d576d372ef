// A packet capture as a pcap file: each datagram with the outer IP and UDP headers that the kernel
// puts around it, so that tshark and Wireshark show the encapsulation. Not for the packet path.

internal import Glibc
public import Wire

/// Writes datagrams to a pcap file of link type RAW (IP without Ethernet), with microsecond
/// times. Buffers 64 KiB; `finish` or the end of its life writes the rest.
public struct CaptureWriter: ~Copyable {
    // pcap's file header: magic for microseconds, version 2.4, no time zone, no accuracy,
    // 262,144 bytes a packet at most, LINKTYPE_RAW = 101.
    private static let fileHeader: [UInt32] = [0xA1B2_C3D4, 0x0004_0002, 0, 0, 262_144, 101]
    private static let bufferBytes = 65_536

    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// Creates the file, or empties it. Throws what the user can mend: a missing folder or right.
    public init(path: String) throws(IOError) {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 {
            if errno == ENOENT { throw IOError.noSuchFolder(path: path) }
            throw IOError(-errno, operation: "write the capture \(path)")
        }
        buffer.reserveCapacity(Self.bufferBytes * 2)
        for word in Self.fileHeader { append(word) }
    }

    deinit {
        // A capture cut short is still readable; there is nobody left to tell.
        try? Self.write(buffer, to: descriptor, path)
        _ = close(descriptor)
    }

    /// Adds a datagram (the bytes after the outer UDP header) sent at `epochMicroseconds`, by the
    /// wall clock. Both addresses are of one family. Throws if the file can't be written.
    public mutating func write(
        _ datagram: RawSpan, source: IPAddress, sourcePort: Port, destination: IPAddress,
        destinationPort: Port, epochMicroseconds: UInt64
    ) throws(IOError) {
        precondition(source.isIPv4 == destination.isIPv4 && datagram.byteCount <= 65_507)
        let headerBytes = source.isIPv4 ? 28 : 48
        let length = UInt32(headerBytes + datagram.byteCount)
        append(UInt32(truncatingIfNeeded: epochMicroseconds / 1_000_000))
        append(UInt32(epochMicroseconds % 1_000_000))
        append(length)
        append(length)
        let udpBytes = UInt16(8 + datagram.byteCount)
        appendIPHeader(from: source, to: destination, payloadBytes: udpBytes)
        // The checksum 0 says that there is none (RFC 768); over IPv6 RFC 6935 allows it for
        // tunnels.
        for field in [sourcePort.rawValue, destinationPort.rawValue, udpBytes, 0] {
            append(bigEndian: field)
        }
        unsafe datagram.withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Writes what is buffered. Throws if the file can't be written.
    public mutating func flush() throws(IOError) {
        let full = buffer
        buffer.removeAll(keepingCapacity: true)
        try Self.write(full, to: descriptor, path)
    }

    private mutating func appendIPHeader(
        from source: IPAddress, to destination: IPAddress, payloadBytes: UInt16
    ) {
        switch (source, destination) {
        case (.v4(let from), .v4(let to)):
            let words = Self.ipv4Words(from, to, totalBytes: 20 + payloadBytes)
            for word in words { append(bigEndian: word) }
        default:
            // RFC 8200 §3: version 6, next header UDP, hop limit 64.
            for word in [0x6000, 0, payloadBytes, 0x1140] as [UInt16] { append(bigEndian: word) }
            for address in [source.mapped, destination.mapped] {
                for index in 0..<8 { append(bigEndian: address.group(index)) }
            }
        }
    }

    /// An IPv4 header without options in 16-bit words (RFC 791 §3.1), its checksum filled in.
    private static func ipv4Words(
        _ from: IPv4Address, _ to: IPv4Address, totalBytes: UInt16
    ) -> [UInt16] {
        // Version 4, five words; don't fragment; TTL 64, UDP.
        var words: [UInt16] = [0x4500, totalBytes, 0, 0x4000, 0x4011, 0]
        for address in [from, to] {
            words.append(UInt16(address.rawValue >> 16))
            words.append(UInt16(address.rawValue & 0xFFFF))
        }
        let sum = words.reduce(UInt32(0)) { $0 + UInt32($1) }
        let once = (sum >> 16) + (sum & 0xFFFF)
        words[5] = ~UInt16(truncatingIfNeeded: once + (once >> 16))
        return words
    }

    private mutating func append(_ word: UInt32) {
        for shift in [0, 8, 16, 24] as [UInt32] {
            buffer.append(UInt8(truncatingIfNeeded: word >> shift))
        }
    }

    private mutating func append(bigEndian word: UInt16) {
        buffer.append(UInt8(word >> 8))
        buffer.append(UInt8(word & 255))
    }

    private static func write(
        _ bytes: [UInt8], to descriptor: Int32, _ path: String
    ) throws(IOError) {
        var offset = 0
        while offset < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { (all: UnsafeRawBufferPointer) -> Int in
                // Proof: `offset` is inside the buffer, and the length is what is left of it.
                unsafe Glibc.write(descriptor, all.baseAddress! + offset, all.count - offset)
            }
            if written < 0, errno == EINTR { continue }
            if written < 0 { throw IOError(-errno, operation: "write the capture \(path)") }
            offset += written
        }
    }
}
