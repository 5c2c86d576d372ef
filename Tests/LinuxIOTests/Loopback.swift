// What the tests of sockets share: frames with recognisable bytes, and receiving with a bounded
// number of looks. Every test has a loopback address of its own, so that they can run side by side.

import LinuxIO
import Wire

/// 127.0.77.`last`.
func loopback(_ last: UInt8) -> IPAddress { .v4(IPv4Address(127, 0, 77, last)) }

/// A packet of `length` bytes in a frame of the pool: the bucket at offset 12, and nearly every other
/// byte derived from `number` and its place.
func makePacket(
    _ number: Int, bucket: UInt16 = 0, length: Int, to remote: IPAddress,
    port: Port = .geneve, sourcePortIndex: UInt8 = 0, pool: inout FramePool
) -> Packet {
    let frame = pool.take()!
    let start = pool.headroomBytes
    var bytes = pool.mutableBytes(frame, start: start, count: length)
    for (offset, byte) in contents(number, bucket: bucket, length: length).enumerated() {
        bytes.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }
    return Packet(
        frame: frame, start: UInt16(start), length: UInt16(length), remote: remote,
        remotePort: port, sourcePortIndex: sourcePortIndex)
}

func contents(_ number: Int, bucket: UInt16 = 0, length: Int) -> [UInt8] {
    (0..<length).map { offset in
        switch offset {
        case 12 where length > 13: UInt8(bucket >> 8)
        case 13: UInt8(bucket & 255)
        // No options and no inner IP packet, as far as the order of sending goes.
        case 0, 8: 0
        default: UInt8(truncatingIfNeeded: number &* 31 &+ offset &* 7)
        }
    }
}

extension FramePool {
    func array(of packet: Packet) -> [UInt8] {
        let bytes = bytes(of: packet)
        return (0..<bytes.byteCount).map { bytes.unsafeLoad($0) }
    }
}

extension RawSpan {
    func unsafeLoad(_ offset: Int) -> UInt8 {
        unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
    }
}

extension UDPPort {
    /// Receives until `count` packets came or nothing has come for 200 ms.
    mutating func receiveAll(_ count: Int, pool: inout FramePool) throws -> [Packet] {
        var packets: [Packet] = []
        var poller = try Poller(descriptors: [fileDescriptor])
        while packets.count < count {
            if receive(into: &packets, pool: &pool, limit: 64) > 0 { continue }
            if pool.freeCount == 0 || !poller.wait(timeoutMicroseconds: 200_000) { break }
        }
        return packets
    }
}
