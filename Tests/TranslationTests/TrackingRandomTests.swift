import Testing
import Translation
import Wire

/// Two endpoints through the tracker over a bad network: nothing that either wants is dropped, and
/// what a stranger sends is.
struct TrackingRandomTests {
    /// What happens to segments, and how the ends differ.
    struct Weather: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var lossPercent = 0
        var duplicatePercent = 0
        /// Segments that one may overtake.
        var disorder = 1
        /// Segments that come again much later.
        var echoes = false
        /// A stranger sends too.
        var stranger = false
        /// Another tracker takes over now and then, having seen nothing of the last segments.
        var takeovers = false
    }

    static let weathers = [
        Weather(testDescription: "fair"),
        Weather(testDescription: "loss", lossPercent: 20),
        Weather(testDescription: "duplicates", duplicatePercent: 20),
        Weather(testDescription: "disorder", disorder: 12),
        Weather(
            testDescription: "all", lossPercent: 15, duplicatePercent: 15, disorder: 12,
            echoes: true),
        Weather(
            testDescription: "a stranger", lossPercent: 5, duplicatePercent: 5, disorder: 4,
            stranger: true),
        Weather(
            testDescription: "takeovers", lossPercent: 5, duplicatePercent: 5, disorder: 4,
            takeovers: true),
    ]

    // RFC 5382 §4.2 REQ-2.
    @Test(arguments: weathers)
    func `nothing that an endpoint wants is dropped`(_ weather: Weather) {
        var reached: Set<FlowState> = []
        for seed in 0..<40 as Range<UInt64> {
            var run = TrackingRun(weather, seed: seed)
            run.play()
            reached.insert(run.state)
        }
        #expect(reached.contains(.tcpClosing), "\(reached)")
    }
}

/// One connection.
struct TrackingRun {
    typealias Sent = (segment: TCPSegment, direction: FlowDirection)

    let weather: TrackingRandomTests.Weather
    let seed: UInt64
    var numbers: TrackingNumbers
    var ends: [TrackingEndpoint]
    var tracker = TCPTracker.unknown
    var state = FlowState.tcpOpening
    var hasBegun = false
    /// Before and behind the tracker, by direction.
    var before: [[TCPSegment]] = [[], []]
    var behind: [[TCPSegment]] = [[], []]
    var past: [Sent] = []
    var failed = false

    init(_ weather: TrackingRandomTests.Weather, seed: UInt64) {
        self.weather = weather
        self.seed = seed
        numbers = TrackingNumbers(state: seed)
        var numbers = TrackingNumbers(state: seed &+ 1 << 32)
        ends = [true, false].map { isClient in
            TrackingEndpoint(
                isClient: isClient,
                base: numbers.below(2) == 0
                    ? UInt32.max - UInt32(numbers.below(20000))
                    : UInt32(truncatingIfNeeded: numbers.next()),
                length: numbers.below(20000),
                offeredScale: numbers.below(3) == 0 ? nil : UInt8(numbers.below(15)),
                buffer: [1, 100, 3000, 60000, 500_000][numbers.below(5)])
        }
    }

    mutating func play() {
        for turn in 0..<2500 where !failed && !isDone {
            if turn == 1000 { heal() }
            step(isHealed: turn >= 1000)
        }
        let ends = ends
        #expect(failed || isDone, "seed \(seed): it never ends \(state) \(ends)")
    }

    /// Faults are over, and both have room.
    private mutating func heal() {
        for side in 0..<2 {
            ends[side].buffer = max(ends[side].buffer, 1 << 18)
            before[side] = []
            behind[side] = []
        }
    }

    private var isDone: Bool { ends[0].isDone && ends[1].isDone }

    private mutating func step(isHealed: Bool) {
        let side = numbers.below(2)
        let direction = FlowDirection(rawValue: UInt8(side))!
        switch numbers.below(10) {
        case 0, 1:
            let most = isHealed ? 9000 : [1, 500, 1460, 9000][numbers.below(4)]
            if let segment = ends[side].send(Int(numbers.next() >> 8), most: most) {
                launch(segment, side)
            }
        case 2: ends[side].read(numbers.below(100_000))
        case 3 where !isHealed: disturb(direction)
        case 4, 5, 6: pass(direction, isHealed)
        default: arrive(direction, isHealed)
        }
    }

    private mutating func launch(_ segment: TCPSegment, _ side: Int) {
        before[side].append(segment)
        if weather.echoes, numbers.below(10) == 0 {
            past.append((segment, FlowDirection(rawValue: UInt8(side))!))
        }
    }

    /// One segment from the sender's network through the tracker into the receiver's.
    private mutating func pass(_ direction: FlowDirection, _ isHealed: Bool) {
        let side = Int(direction.rawValue)
        guard let segment = take(\.before, side, isHealed) else { return }
        guard hasBegun else {
            tracker = TCPTracker(opening: segment)
            hasBegun = true
            behind[side].append(segment)
            return
        }
        switch tracker.track(segment, direction, state: &state) {
        case .pass, .reopen: behind[side].append(segment)
        case .drop(let cause):
            guard ends[1 - side].wants(segment) else { return }
            failed = true
            Issue.record(
                "seed \(seed), \(weather.testDescription): \(cause) \(direction) \(segment)")
        }
    }

    private mutating func arrive(_ direction: FlowDirection, _ isHealed: Bool) {
        let side = Int(direction.rawValue)
        guard let segment = take(\.behind, side, isHealed) else { return }
        if ends[1 - side].receive(segment), ends[1 - side].isOpen {
            let place = ends[1 - side].next
            launch(ends[1 - side].segment(at: place, bytes: 0), 1 - side)
        }
    }

    /// The next segment of a link, or one that overtakes it; nil if it is lost.
    private mutating func take(
        _ links: WritableKeyPath<TrackingRun, [[TCPSegment]]>, _ side: Int, _ isHealed: Bool
    ) -> TCPSegment? {
        let link = self[keyPath: links][side]
        guard !link.isEmpty else { return nil }
        if isHealed { return self[keyPath: links][side].removeFirst() }
        let index = numbers.below(min(weather.disorder, link.count))
        if numbers.below(100) < weather.duplicatePercent { return link[index] }
        self[keyPath: links][side].remove(at: index)
        return numbers.below(100) < weather.lossPercent ? nil : link[index]
    }

    private mutating func disturb(_ direction: FlowDirection) {
        if weather.stranger, hasBegun { intrude(direction) }
        if weather.takeovers, hasBegun, numbers.below(20) == 0 { takeOver() }
        if weather.echoes, let late = past.randomElement(using: &numbers) {
            before[Int(late.direction.rawValue)].append(late.segment)
        }
    }

    /// Some segments go another way, and then this tracker leads again.
    private mutating func takeOver() {
        for side in 0..<2 {
            behind[side] += before[side]
            before[side] = []
        }
        if numbers.below(2) == 0 { tracker.loosen() } else { tracker = .unknown }
    }

    /// A stranger who doesn't know the numbers.
    private mutating func intrude(_ direction: FlowDirection) {
        guard ends[0].isOpen, ends[1].isOpen, state != .tcpOpening else { return }
        let kinds: [TCPFlags] = [
            .ack, [.psh, .ack], [.fin, .ack], .rst, [.rst, .ack], [.syn, .ack], [.ack, .urg],
        ]
        let sender = ends[Int(direction.rawValue)]
        let far = 1 << 26 + numbers.below(1 << 29)
        let distance = numbers.below(2) == 0 ? far : -far
        let segment = TCPSegment(
            flags: kinds[numbers.below(kinds.count)],
            numbers: TCPNumbers(
                sequence: sender.number(sender.next + distance),
                acknowledgment: UInt32(truncatingIfNeeded: numbers.next()), window: 65535),
            payloadBytes: UInt32(1 + numbers.below(1000)))
        let untouched = (tracker, state)
        let verdict = tracker.track(segment, direction, state: &state)
        #expect(untouched == (tracker, state), "seed \(seed): \(segment) changed \(untouched)")
        if case .drop = verdict { return }
        // What has no bound yet can't be checked: the first segments of each side.
        failed = true
        Issue.record("seed \(seed): \(segment) passed \(tracker) \(state) \(ends)")
    }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct TrackingNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
