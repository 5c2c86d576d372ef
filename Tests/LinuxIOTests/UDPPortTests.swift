// A UDP port against the real kernel, on loopback: bytes arrive unchanged, joined or not, in frames
// that all come back, and whatever is not delivered is counted by name.

import LinuxIO
import Testing
import Wire

struct UDPPortTests {
    // RFC 8926 §3.3 (destination port).
    @Test func `a datagram arrives with its bytes, its sender and its sender's port`() throws {
        var sender = try UDPPort(address: loopback(1))
        var receiver = try UDPPort(address: loopback(2))
        var pool = FramePool(count: 8)
        let packet = makePacket(
            1, length: 100, to: receiver.address, sourcePortIndex: 2, pool: &pool)
        sender.send([packet], pool: &pool)
        #expect(pool.freeCount == 8)
        let received = try receiver.receiveAll(1, pool: &pool)
        #expect(received.count == 1)
        #expect(received.first?.remote == sender.address)
        #expect(received.first?.remotePort == sender.sourcePorts[2])
        #expect(received.first.map { Int($0.start) } == pool.headroomBytes)
        #expect(received.first.map { pool.array(of: $0) } == contents(1, length: 100))
        #expect(receiver.counters.receivedBytes == 100)
        #expect(sender.counters.sentPackets == 1)
    }

    @Test func `an answer to the receiving port of a peer reaches it`() throws {
        var left = try UDPPort(address: loopback(3), port: Port(0))
        var right = try UDPPort(address: loopback(3), port: Port(0))
        var pool = FramePool(count: 8)
        left.send(
            [makePacket(1, length: 64, to: right.address, port: right.port, pool: &pool)],
            pool: &pool)
        #expect(try right.receiveAll(1, pool: &pool).count == 1)
        right.send(
            [makePacket(2, length: 64, to: left.address, port: left.port, pool: &pool)],
            pool: &pool)
        #expect(try left.receiveAll(1, pool: &pool).count == 1)
    }

    @Test func `packets of mixed sizes, joined on the way, keep their bytes and order`() throws {
        var sender = try UDPPort(address: loopback(4))
        var receiver = try UDPPort(address: loopback(5))
        var pool = FramePool(count: 1024)
        let lengths = [0, 1, 44, 64, 64, 64, 1400, 1400, 1400, 700, 700, 9000, 9000, 9000, 2]
        var sent = 0
        var received: [Packet] = []
        for round in 0..<8 {
            let packets = (0..<40).map { index in
                makePacket(
                    sent + index, length: lengths[(index * (round + 1) / 3) % lengths.count],
                    to: receiver.address, pool: &pool)
            }
            let expected = packets.map { pool.array(of: $0) }
            sender.send(packets, pool: &pool)
            received = try receiver.receiveAll(packets.count, pool: &pool)
            #expect(received.map { pool.array(of: $0) } == expected)
            for packet in received { pool.give(packet.frame) }
            sent += packets.count
        }
        #expect(sender.counters.sentPackets == UInt64(sent))
        #expect(sender.counters.sentMessages < UInt64(sent))
        #expect(receiver.counters.receivedJoined > 0)
        #expect(pool.freeCount == 1024)
    }

    @Test func `packets to several destinations are joined per destination`() throws {
        var sender = try UDPPort(address: loopback(6), sourcePorts: 2)
        var first = try UDPPort(address: loopback(7))
        var second = try UDPPort(address: loopback(8))
        var pool = FramePool(count: 512)
        let packets = (0..<200).map { index in
            makePacket(
                index, length: 500, to: index % 2 == 0 ? first.address : second.address,
                sourcePortIndex: UInt8(index / 2 % 2), pool: &pool)
        }
        sender.send(packets, pool: &pool)
        let atFirst = try first.receiveAll(100, pool: &pool)
        let atSecond = try second.receiveAll(100, pool: &pool)
        #expect(
            Set(atFirst.map { pool.array(of: $0) })
                == Set(stride(from: 0, to: 200, by: 2).map { contents($0, length: 500) }))
        #expect(atSecond.count == 100)
        // 50 packets for each of two sockets and two destinations.
        #expect(sender.counters.sentMessages == 4)
        #expect(sender.counters.sendCalls == 2)
    }

    @Test func `more packets than a batch holds all leave`() throws {
        var sender = try UDPPort(address: loopback(9), sourcePorts: 1)
        var receiver = try UDPPort(address: loopback(10))
        var pool = FramePool(count: 1024, frameBytes: 512)
        // Alternating lengths that grow can't be joined: 300 messages.
        let packets = (0..<300).map {
            makePacket($0, length: 40 + $0, to: receiver.address, pool: &pool)
        }
        sender.send(packets, pool: &pool)
        let received = try receiver.receiveAll(300, pool: &pool)
        #expect(received.map { Int($0.length) } == (0..<300).map { 40 + $0 })
        #expect(sender.counters.sentMessages == 300)
        #expect(pool.freeCount == 1024 - 300)
    }

    @Test func `a datagram longer than a frame is dropped and counted`() throws {
        var sender = try UDPPort(address: loopback(11))
        var receiver = try UDPPort(address: loopback(12))
        var large = FramePool(count: 4, frameBytes: 4096)
        var small = FramePool(count: 4, frameBytes: 1024)
        sender.send(
            [
                makePacket(1, length: 896, to: receiver.address, pool: &large),
                makePacket(2, length: 897, to: receiver.address, pool: &large),
                makePacket(3, length: 20, to: receiver.address, pool: &large),
            ], pool: &large)
        let received = try receiver.receiveAll(3, pool: &small)
        #expect(received.map(\.length) == [896, 20])
        #expect(receiver.counters.droppedOversized == 1)
        #expect(small.freeCount == 2)
    }

    @Test func `without free frames packets wait, and none is lost`() throws {
        var sender = try UDPPort(address: loopback(13))
        var receiver = try UDPPort(address: loopback(14))
        var pool = FramePool(count: 64)
        var tiny = FramePool(count: 3)
        let packets = (0..<40).map {
            makePacket($0, length: 200, to: receiver.address, pool: &pool)
        }
        sender.send(packets, pool: &pool)
        var seen: [[UInt8]] = []
        for _ in 0..<40 {
            let received = try receiver.receiveAll(3, pool: &tiny)
            seen += received.map { tiny.array(of: $0) }
            #expect(received.count <= 3)
            if seen.count < 40 { #expect(receiver.hasStagedPackets == true) }
            for packet in received { tiny.give(packet.frame) }
            if seen.count == 40 { break }
        }
        #expect(seen == (0..<40).map { contents($0, length: 200) })
        #expect(receiver.hasStagedPackets == false)
        #expect(tiny.freeCount == 3)
    }

    @Test func `what the kernel throws away for want of room is counted apart`() throws {
        var sender = try UDPPort(address: loopback(15))
        var receiver = try UDPPort(address: loopback(16), bufferBytes: 16_384)
        var pool = FramePool(count: 64)
        // Growing lengths, so that nothing is joined and the kernel's count is of packets.
        for _ in 0..<10 {
            let packets = (0..<32).map {
                makePacket($0, length: 1000 + $0, to: receiver.address, pool: &pool)
            }
            sender.send(packets, pool: &pool)
        }
        #expect(pool.freeCount == 64)
        var received = 0
        for _ in 0..<100 {
            let packets = try receiver.receiveAll(32, pool: &pool)
            if packets.isEmpty { break }
            received += packets.count
            for packet in packets { pool.give(packet.frame) }
        }
        #expect(receiver.counters.kernelOverflows == 0)
        receiver.readOverflow()
        #expect(receiver.counters.kernelOverflows > 0)
        #expect(received + Int(receiver.counters.kernelOverflows) == 320)
        receiver.readOverflow()
        #expect(received + Int(receiver.counters.kernelOverflows) == 320)
    }

    @Test func `the overflow count also comes with the next packet, and counts once`() throws {
        var sender = try UDPPort(address: loopback(17))
        var receiver = try UDPPort(address: loopback(18), bufferBytes: 16_384)
        var pool = FramePool(count: 64)
        for number in 0..<64 {
            let packet = makePacket(
                number, length: 1000 + number, to: receiver.address, pool: &pool)
            sender.send([packet], pool: &pool)
        }
        let early = try receiver.receiveAll(64, pool: &pool)
        let last = makePacket(99, length: 30, to: receiver.address, pool: &pool)
        sender.send([last], pool: &pool)
        #expect(try receiver.receiveAll(1, pool: &pool).count == 1)
        let counted = receiver.counters.kernelOverflows
        #expect(counted == UInt64(64 - early.count))
        receiver.readOverflow()
        #expect(receiver.counters.kernelOverflows == counted)
    }

    // RFC 8926 §4.3: the kernel takes no IPv6 datagram without a checksum.
    @Test func `IPv6 outside works as IPv4 does`() throws {
        let here = IPAddress("::1")!
        var sender = try UDPPort(address: here, port: Port(0))
        var receiver = try UDPPort(address: here, port: Port(0))
        var pool = FramePool(count: 64)
        let packets = (0..<30).map {
            makePacket($0, length: 1200, to: here, port: receiver.port, pool: &pool)
        }
        sender.send(packets, pool: &pool)
        let received = try receiver.receiveAll(30, pool: &pool)
        #expect(
            received.map { pool.array(of: $0) } == (0..<30).map { contents($0, length: 1200) })
        #expect(received.allSatisfy { $0.remote == here })
        #expect(sender.counters.sentMessages == 1)
    }

    @Test func `packets that can't leave are dropped by name, and their frames come back`() throws {
        var sender = try UDPPort(address: loopback(19))
        var pool = FramePool(count: 8)
        let packets = [
            makePacket(1, length: 50, to: IPAddress("::1")!, pool: &pool),
            makePacket(2, length: 50, to: loopback(20), port: Port(0), pool: &pool),
            makePacket(3, length: 50, to: IPAddress("255.255.255.255")!, pool: &pool),
        ]
        sender.send(packets, pool: &pool)
        #expect(sender.counters.droppedWrongFamily == 1)
        #expect(sender.counters.droppedInvalidDestination == 2)
        #expect(sender.counters.sentPackets == 0)
        #expect(sender.counters.droppedSends == 3)
        #expect(pool.freeCount == 8)
    }

    @Test func `an address in use, also by a group of engines, is refused with advice`() throws {
        let shared = try UDPPort(address: loopback(21), engineIndex: 0, engineCount: 2)
        let alone = try UDPPort(address: loopback(22))
        #expect(throws: IOError.addressInUse(loopback(21), .geneve)) {
            _ = try UDPPort(address: loopback(21), engineIndex: 0, engineCount: 2)
        }
        #expect(throws: IOError.addressInUse(loopback(22), .geneve)) {
            _ = try UDPPort(address: loopback(22))
        }
        #expect(throws: IOError.addressNotAvailable(IPAddress("192.0.2.1")!)) {
            _ = try UDPPort(address: IPAddress("192.0.2.1")!)
        }
        #expect(shared.address != alone.address)
        #expect(
            IOError.addressInUse(loopback(21), .geneve).description.contains("127.0.77.21"))
    }
}
