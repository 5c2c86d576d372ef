// The engine between sockets and clock: one thread, one loop.

import LinuxIO
import Traffic
import Wire

/// Runs an engine over one socket for each endpoint, until all flows have ended.
struct TrafficLoop: ~Copyable {
    var engine: TrafficEngine
    private var pool: FramePool
    private let sockets: [EndpointSocket]
    private var poller: Poller
    private var received: [Packet] = []
    private var progress: Progress
    private let display: LiveDisplay
    private var capture: Capture?
    private let deadline: Tick
    private let feed: SnapshotFeed?
    /// What is done to nodes meanwhile.
    var faults: FaultSchedule?
    /// When the sockets should have been looked at again, and the longest delay of that.
    private var wanted: Tick
    private var stallNanoseconds: UInt64 = 0

    private init(
        engine: consuming TrafficEngine, pool: consuming FramePool, sockets: [EndpointSocket],
        poller: consuming Poller, capture: consuming Capture?, display: LiveDisplay, start: Tick,
        deadline: Tick, feed: SnapshotFeed?
    ) {
        self.feed = feed
        self.engine = engine
        self.pool = pool
        self.sockets = sockets
        self.poller = poller
        self.capture = capture
        self.display = display
        self.deadline = deadline
        progress = Progress(display: display, start: start)
        wanted = start
        received.reserveCapacity(Self.batch)
    }

    /// Opens the sockets and readies the engine for a run that starts at once.
    static func make(
        _ plan: RunPlan, _ source: TopologySource, display: LiveDisplay, pcap: String?
    ) throws -> TrafficLoop {
        let topology = source.topology
        let sockets = try topology.endpoints.map { try EndpointSocket($0.name, $0.address) }
        let poller = try RunFailure.wrapping { () throws(IOError) in
            try Poller(descriptors: sockets.map(\.fileDescriptor))
        }
        let capture: Capture? = if let pcap { try Capture(path: pcap) } else { nil }
        let start = MonotonicClock.now() + 20_000_000
        let engine = try RunFailure.wrapping { () throws(TopologyError) in
            try TrafficEngine(plan, topology, start: start)
        }
        let isJumbo = plan.profile.sizes.contains { $0.bytes > 1700 }
        return TrafficLoop(
            engine: engine, pool: FramePool(count: 16_384, frameBytes: isJumbo ? 10_240 : 2048),
            sockets: sockets, poller: poller, capture: capture, display: display, start: start,
            deadline: start + plan.longestNanoseconds, feed: source.feed)
    }

    private static let batch = 512

    /// Runs until all flows have ended.
    mutating func run(command: String) throws -> RunReport {
        Interruption.observe()
        try drive { $0.isDone }
        return try finish(command: command, census: nil)
    }

    mutating func drive(until isOver: (borrowing TrafficEngine) -> Bool) throws {
        while !isOver(engine) {
            let now = MonotonicClock.now()
            if now >= deadline { return }
            if Interruption.isRequested {
                guard engine.isOpening else { return }
                engine.stopOpening()
            }
            let isBusy = try turn(now)
            faults?.act(&engine)
            if progress.update(now, &engine), let snapshot = feed?.take() {
                engine.update(snapshot)
            }
            if !isBusy { sleep(now) }
        }
    }

    mutating func finish(command: String, census: ExhaustionReport?) throws -> RunReport {
        // What is still on the way, such as the last ACKs, is not lost.
        let end = MonotonicClock.now() + 200_000_000
        while MonotonicClock.now() < end {
            if try !receive() { _ = poller.wait(timeoutMicroseconds: 10_000) }
        }
        display.end()
        return engine.finish(
            MonotonicClock.now(), command: command, generatorOverflow: overflow(),
            stallNanoseconds: stallNanoseconds, exhaustion: census)
    }

    /// What is due, and what came. True if there is more.
    private mutating func turn(_ now: Tick) throws -> Bool {
        let isDue = engine.tick(now, pool: &pool, limit: 256)
        try send()
        let hasReceived = try receive()
        return isDue || hasReceived
    }

    private mutating func receive() throws -> Bool {
        let now = MonotonicClock.now()
        stallNanoseconds = max(stallNanoseconds, now - wanted)
        wanted = now
        var hasReceived = false
        for (index, socket) in sockets.enumerated() {
            let count = socket.receive(into: &received, &pool, limit: Self.batch)
            guard count > 0 else { continue }
            hasReceived = true
            try capture?.arrived(received, at: socket, pool)
            engine.handle(received, at: index, MonotonicClock.now(), pool: &pool)
            received.removeAll(keepingCapacity: true)
        }
        if hasReceived { try send() }
        return hasReceived
    }

    private mutating func send() throws {
        for (index, socket) in sockets.enumerated() where !engine.outbox[index].isEmpty {
            try capture?.leaves(engine.outbox[index], from: socket, pool)
            socket.send(engine.outbox[index], &pool)
            engine.clearOutbox(index)
        }
    }

    private mutating func sleep(_ now: Tick) {
        let due = engine.nextDue(after: now, limitNanoseconds: 10_000_000)
        let present = MonotonicClock.now()
        if !poller.wait(timeoutMicroseconds: Int((due - present) / 1000)) {
            wanted = max(due, present)
        }
    }

    private func overflow() -> UInt64 { sockets.reduce(0) { $0 + $1.overflow() } }
}

extension RunPlan {
    /// After which a run is stopped, whatever is still open.
    var longestNanoseconds: UInt64 {
        let life = profile.lifetime.meanMilliseconds / 1000
        let longestLife = profile.lifetime.distribution == .fixed ? life : life * 10
        let patience = profile.patience.retryMilliseconds / 1000 * Double(profile.patience.attempts)
        return UInt64((seconds * 1.5 + longestLife + 4 * patience + 10) * 1e9)
    }
}
