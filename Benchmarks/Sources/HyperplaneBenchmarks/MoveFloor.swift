// What it costs to move datagrams over the sockets that nodes use: sent, carried over loopback, received,
// on one processor.

import LinuxIO
import Wire

struct MoveFloor: ~Copyable {
    private var sender: UDPPort
    private var receiver: UDPPort
    private var pool = FramePool(count: 1024, frameBytes: 2048)
    private var batch: [Packet] = []
    private static let to: IPAddress = .v4(IPv4Address(127, 77, 3, 2))

    init() throws(IOError) {
        let sender = try UDPPort(address: .v4(IPv4Address(127, 77, 3, 1)))
        let receiver = try UDPPort(address: Self.to)
        self.sender = sender
        self.receiver = receiver
        batch.reserveCapacity(256)
    }

    /// Nanoseconds of processor time, both ends together.
    mutating func move(_ sizes: [Int]) -> Double {
        guard !sizes.isEmpty else { return 0 }
        return nanosecondsEach(1) {
            var next = 0
            while next < sizes.count {
                let end = min(next + 32, sizes.count)
                for size in sizes[next..<end] {
                    batch.append(
                        Packet(
                            frame: pool.take()!, start: UInt16(pool.headroomBytes),
                            length: UInt16(size), remote: Self.to))
                }
                sender.send(batch, pool: &pool)
                batch.removeAll(keepingCapacity: true)
                receiveAll(end - next)
                next = end
            }
        }
    }

    /// Loopback delivers before the sender's call returns, or drops.
    private mutating func receiveAll(_ count: Int) {
        _ = receiver.receive(into: &batch, pool: &pool, limit: count)
        for packet in batch { pool.give(packet.frame) }
        batch.removeAll(keepingCapacity: true)
    }

    /// Nanoseconds for a datagram of a turn's usual length at each end.
    mutating func nanosecondsEnd() -> Double {
        let sizes = Array(repeating: 700, count: 4096)
        let each = (0..<7).map { _ in move(sizes) / Double(2 * sizes.count) }
        return Samples(each).median
    }
}
