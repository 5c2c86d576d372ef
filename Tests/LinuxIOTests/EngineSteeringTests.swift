// The filter of the reuse-port group: each engine gets the datagrams of its own buckets, and
// nothing else, also when the sender joined them.

import LinuxIO
import Testing
import Wire

struct EngineSteeringTests {
    /// Which buckets each of two engines received, of 64 that were all sent.
    private func buckets(
        at address: IPAddress, from source: IPAddress, length: Int
    ) throws -> ([Int], [Int]) {
        var first = try UDPPort(address: address, engineIndex: 0, engineCount: 2)
        var second = try UDPPort(address: address, engineIndex: 1, engineCount: 2)
        var sender = try UDPPort(address: source)
        var pool = FramePool(count: 512)
        let packets = (0..<256).map { number in
            makePacket(
                number, bucket: UInt16(number % 64), length: length, to: address,
                sourcePortIndex: UInt8(number % 64 & 3), pool: &pool)
        }
        sender.send(packets, pool: &pool)
        func bucket(_ packet: Packet) -> Int {
            let bytes = pool.array(of: packet)
            return Int(bytes[12]) << 8 | Int(bytes[13])
        }
        return try (
            first.receiveAll(128, pool: &pool).map(bucket),
            second.receiveAll(128, pool: &pool).map(bucket)
        )
    }

    @Test(arguments: [64, 1400])
    func `two engines get exactly their buckets`(length: Int) throws {
        let last = UInt8(length / 100)
        let (even, odd) = try buckets(
            at: loopback(40 + last), from: loopback(60 + last), length: length)
        #expect(even.count == 128)
        #expect(odd.count == 128)
        #expect(even.allSatisfy { $0 % 2 == 0 })
        #expect(odd.allSatisfy { $0 % 2 == 1 })
    }

    @Test func `a datagram too short for a bucket goes to engine 0`() throws {
        var first = try UDPPort(address: loopback(30), engineIndex: 0, engineCount: 2)
        var second = try UDPPort(address: loopback(30), engineIndex: 1, engineCount: 2)
        var sender = try UDPPort(address: loopback(31), sourcePorts: 1)
        var pool = FramePool(count: 64)
        let packets = (0..<14).map {
            makePacket($0, bucket: 1, length: $0, to: loopback(30), pool: &pool)
        }
        sender.send(packets, pool: &pool)
        #expect(try first.receiveAll(14, pool: &pool).count == 14)
        #expect(try second.receiveAll(1, pool: &pool).isEmpty)
    }
}
