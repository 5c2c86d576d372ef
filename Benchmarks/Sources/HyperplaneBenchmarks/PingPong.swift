// The floor of a commitment: a datagram to the other processor and one back, over the sockets that
// nodes use, polled in the same way, and nothing else.

import LinuxIO
import Wire

struct PingPong: ~Copyable {
    private var port: UDPPort
    private var pool = FramePool(count: 1024, frameBytes: 2048)
    private var batch: [Packet] = []
    private var ping: [Packet] = []

    init(at address: IPAddress) throws(IOError) {
        port = try UDPPort(address: address)
        batch.reserveCapacity(256)
        ping.reserveCapacity(1)
    }

    /// Sends a datagram and waits for another; nanoseconds.
    mutating func play(with peer: IPAddress, bytes: Int) throws(BenchmarkFailure) -> UInt64 {
        ping.removeAll(keepingCapacity: true)
        ping.append(
            Packet(
                frame: pool.take()!, start: UInt16(pool.headroomBytes), length: UInt16(bytes),
                remote: peer))
        let start = MonotonicClock.now()
        port.send(ping, pool: &pool)
        while receive() == 0 {
            guard MonotonicClock.now() - start < 2_000_000_000 else {
                throw BenchmarkFailure("a ping was not answered within 2 s")
            }
        }
        let elapsed = MonotonicClock.now() - start
        for packet in batch { pool.give(packet.frame) }
        return elapsed
    }

    /// Answers what came with datagrams of `bytes`.
    mutating func answer(bytes: Int) {
        guard receive() > 0 else { return }
        for index in batch.indices {
            batch[index].length = UInt16(bytes)
            batch[index].remotePort = .geneve
        }
        port.send(batch, pool: &pool)
    }

    private mutating func receive() -> Int {
        batch.removeAll(keepingCapacity: true)
        // As a node's turn, which reads the clock once.
        consume(MonotonicClock.now().rawValue)
        return port.receive(into: &batch, pool: &pool, limit: 256)
    }
}
