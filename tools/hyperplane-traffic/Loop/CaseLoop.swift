// Cases between sockets and clock: one thread, one loop.

import LinuxIO
import Traffic
import Wire

/// Plays a suite over one socket for each endpoint, until every case has ended.
struct CaseLoop: ~Copyable {
    private var engine: CaseEngine
    private var pool = FramePool(count: 2048, frameBytes: 10_240)
    private let sockets: [EndpointSocket]
    private var poller: Poller
    private var received: [Packet] = []
    private var capture: Capture?
    private let feed: SnapshotFeed?
    private var stallNanoseconds: UInt64 = 0

    private init(
        engine: consuming CaseEngine, sockets: [EndpointSocket], poller: consuming Poller,
        capture: consuming Capture?, feed: SnapshotFeed?
    ) {
        self.engine = engine
        self.sockets = sockets
        self.poller = poller
        self.capture = capture
        self.feed = feed
    }

    /// Opens the sockets and readies the engine for a run that starts at once.
    static func make(
        _ suite: CaseSuite, repetitions: Int, _ source: TopologySource, seed: UInt64, pcap: String?
    ) throws -> CaseLoop {
        let topology = source.topology
        let sockets = try topology.endpoints.map { try EndpointSocket($0.name, $0.address) }
        let poller = try RunFailure.wrapping { () throws(IOError) in
            try Poller(descriptors: sockets.map(\.fileDescriptor))
        }
        let capture: Capture? = if let pcap { try Capture(path: pcap) } else { nil }
        let engine = try RunFailure.wrapping { () throws(TopologyError) in
            try CaseEngine(
                suite, repetitions: repetitions, topology, seed: seed,
                start: MonotonicClock.now() + 20_000_000)
        }
        return CaseLoop(
            engine: engine, sockets: sockets, poller: poller, capture: capture, feed: source.feed)
    }

    mutating func run() throws -> RunReport {
        Interruption.observe()
        while !engine.isDone, !Interruption.isRequested {
            let now = MonotonicClock.now()
            if let snapshot = feed?.take() { engine.update(snapshot) }
            _ = engine.tick(now, pool: &pool)
            try send()
            if try !receive() { _ = poller.wait(timeoutMicroseconds: 1000) }
            stallNanoseconds = max(stallNanoseconds, MonotonicClock.now() - now)
        }
        return engine.finish(
            MonotonicClock.now(), command: "run",
            generatorOverflow: sockets.reduce(0) { $0 + $1.overflow() },
            stallNanoseconds: stallNanoseconds)
    }

    private mutating func send() throws {
        for (index, socket) in sockets.enumerated() where !engine.outbox[index].isEmpty {
            try capture?.leaves(engine.outbox[index], from: socket, pool)
            socket.send(engine.outbox[index], &pool)
            engine.clearOutbox(index)
        }
    }

    private mutating func receive() throws -> Bool {
        var hasReceived = false
        for (index, socket) in sockets.enumerated() {
            guard socket.receive(into: &received, &pool, limit: 256) > 0 else { continue }
            hasReceived = true
            try capture?.arrived(received, at: socket, pool)
            engine.handle(received, at: index, MonotonicClock.now(), pool: &pool)
            received.removeAll(keepingCapacity: true)
        }
        return hasReceived
    }
}
