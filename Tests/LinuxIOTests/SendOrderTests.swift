// Joining may let packets of different inner flows overtake each other, never those of one flow.

import LinuxIO
import Testing
import Wire

/// A small generator with a seed, so that a failure comes again.
private struct Draws {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}

struct SendOrderTests {
    /// A Geneve packet without options around an IPv4 UDP packet: flow in the ports, sequence in
    /// the identification.
    private func packet(
        flow: Int, sequence: Int, length: Int, to remote: IPAddress, pool: inout FramePool
    ) -> Packet {
        let packet = Packet(
            frame: pool.take()!, start: UInt16(pool.headroomBytes), length: UInt16(length),
            remote: remote)
        var bytes = pool.mutableBytes(of: packet)
        for offset in 0..<length { bytes.store(UInt8(0), at: offset) }
        bytes.store(UInt8(0x45), at: 8)
        bytes.store(UInt8(17), at: 8 + 9)
        bytes.store(bigEndian: UInt16(sequence), at: 8 + 4)
        bytes.store(bigEndian: UInt16(flow), at: 8 + 20)
        return packet
    }

    private func flowAndSequence(_ packet: Packet, _ pool: borrowing FramePool) -> (Int, Int) {
        let bytes = pool.bytes(of: packet)
        return (Int(bytes.bigEndianUInt16(at: 28)), Int(bytes.bigEndianUInt16(at: 12)))
    }

    @Test func `lengths that alternate between flows are joined all the same`() throws {
        var sender = try UDPPort(address: loopback(80))
        var receiver = try UDPPort(address: loopback(81))
        var pool = FramePool(count: 256)
        let packets = (0..<64).map {
            packet(
                flow: $0 % 2, sequence: $0, length: $0 % 2 == 0 ? 1400 : 100, to: loopback(81),
                pool: &pool)
        }
        sender.send(packets, pool: &pool)
        let received = try receiver.receiveAll(64, pool: &pool)
        #expect(received.count == 64)
        // 32 of 1,400 bytes are below 65,000 together.
        #expect(sender.counters.sentMessages == 2)
    }

    @Test func `a flow's last, shorter packet leaves with those before it`() throws {
        var sender = try UDPPort(address: loopback(82))
        var receiver = try UDPPort(address: loopback(83))
        var pool = FramePool(count: 256)
        let packets = [1400, 1400, 1400, 90].enumerated().map {
            packet(flow: 7, sequence: $0, length: $1, to: loopback(83), pool: &pool)
        }
        sender.send(packets, pool: &pool)
        let received = try receiver.receiveAll(4, pool: &pool)
        #expect(received.map(\.length) == [1400, 1400, 1400, 90])
        #expect(sender.counters.sentMessages == 1)
    }

    @Test func `no flow's packets overtake each other, whatever their lengths`() throws {
        var sender = try UDPPort(address: loopback(84))
        var receiver = try UDPPort(address: loopback(85))
        var pool = FramePool(count: 1024, frameBytes: 2048)
        var draws = Draws(state: 42)
        var sequences = [Int](repeating: 0, count: 40)
        var seen = [Int](repeating: 0, count: 40)
        for _ in 0..<100 {
            let flowCount = 1 + draws.next(40)
            let packets = (0..<1 + draws.next(200)).map { _ in
                let flow = draws.next(flowCount)
                sequences[flow] += 1
                return packet(
                    flow: flow, sequence: sequences[flow],
                    length: [60, 100, 576, 60 + draws.next(1400), 1400][draws.next(5)],
                    to: loopback(85), pool: &pool)
            }
            sender.send(packets, pool: &pool)
            for packet in try receiver.receiveAll(packets.count, pool: &pool) {
                let (flow, sequence) = flowAndSequence(packet, pool)
                #expect(sequence == seen[flow] + 1)
                seen[flow] = sequence
                pool.give(packet.frame)
            }
        }
        #expect(seen == sequences)
        #expect(pool.freeCount == 1024)
        #expect(sender.counters.sentMessages < sender.counters.sentPackets * 2 / 3)
    }
}
