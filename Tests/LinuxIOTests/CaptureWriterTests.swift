// The capture's bytes, written out by hand from the pcap file format and RFC 791. (tshark reads
// them too; it is not needed to run the tests.)

import Glibc
import LinuxIO
import Testing
import Wire

struct CaptureWriterTests {
    private func temporaryPath() -> String { "/tmp/capture-\(RandomSource.uint64()).pcap" }

    private func contentsOfFile(_ path: String) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY)
        defer { _ = close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe read(descriptor, $0.baseAddress, $0.count)
        }
        return Array(bytes.prefix(max(count, 0)))
    }

    @Test func `a datagram stands in the file with its outer headers and its time`() throws {
        let path = temporaryPath()
        defer { _ = unsafe unlink(path) }
        do {
            var writer = try CaptureWriter(path: path)
            let datagram: [UInt8] = [1, 2, 3, 4]
            try unsafe writer.write(
                datagram.span.bytes, source: IPAddress("192.0.2.1")!, sourcePort: Port(1000),
                destination: IPAddress("192.0.2.2")!, destinationPort: .geneve,
                epochMicroseconds: 3_000_007)
        }
        let expected: [UInt8] =
            [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0]
            + [3, 0, 0, 0, 7, 0, 0, 0, 32, 0, 0, 0, 32, 0, 0, 0]
            + [0x45, 0, 0, 32, 0, 0, 0x40, 0, 64, 17, 0xB6, 0xC9, 192, 0, 2, 1, 192, 0, 2, 2]
            + [0x03, 0xE8, 0x17, 0xC1, 0, 12, 0, 0, 1, 2, 3, 4]
        #expect(contentsOfFile(path) == expected)
    }

    @Test func `more than the buffer holds is written in full, IPv6 too`() throws {
        let path = temporaryPath()
        defer { _ = unsafe unlink(path) }
        do {
            var writer = try CaptureWriter(path: path)
            let datagram = [UInt8](repeating: 7, count: 1000)
            for number in 0..<200 {
                try unsafe writer.write(
                    datagram.span.bytes, source: IPAddress("2001:db8::1")!, sourcePort: Port(1),
                    destination: IPAddress("2001:db8::2")!, destinationPort: .geneve,
                    epochMicroseconds: UInt64(number))
            }
        }
        #expect(contentsOfFile(path).count == 24 + 200 * (16 + 48 + 1000))
    }

    @Test func `a missing folder and a full disk are told`() throws {
        #expect(throws: IOError.noSuchFolder(path: "/tmp/no such folder/x.pcap")) {
            _ = try CaptureWriter(path: "/tmp/no such folder/x.pcap")
        }
        var writer = try CaptureWriter(path: "/dev/full")
        #expect(throws: IOError.self) { try writer.flush() }
    }
}
