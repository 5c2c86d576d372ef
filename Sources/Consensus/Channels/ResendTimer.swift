// When a batch is sent again: after the measured round trip and its variation, twice as late each
// time that nothing came (RFC 6298).

import Wire

/// The wait for an acknowledgement.
struct ResendTimer {
    let first: UInt64
    let minimum: UInt64
    let maximum: UInt64
    /// Round trip and its variation, nanoseconds; zero until measured.
    private(set) var smoothed: UInt64 = 0
    private var variation: UInt64 = 0
    /// The shortest round trip of all.
    private var shortest = UInt64.max
    /// How often it ran out since the last news.
    private(set) var timeouts = 0
    private(set) var deadline: Tick?
    private var lastRewind: Tick?
    /// When a gap is answered that couldn't be at once.
    private(set) var gapDeadline: Tick?

    init(_ settings: ChannelSettings) {
        first = settings.firstResendNanoseconds
        minimum = settings.minimumResendNanoseconds
        maximum = settings.maximumResendNanoseconds
    }

    var interval: UInt64 {
        let base = smoothed == 0 ? first : max(minimum, smoothed + 4 * variation)
        // RFC 6298 §5.5.
        return min(maximum, base << UInt64(min(timeouts, 16)))
    }

    // RFC 6298 §2: gains of 1/8 and 1/4; the first measure sets half of itself as variation.
    mutating func measure(_ roundTrip: UInt64) {
        let sample = max(1, roundTrip)
        shortest = min(shortest, sample)
        guard smoothed > 0 else {
            smoothed = sample
            variation = sample / 2
            return
        }
        let difference = sample > smoothed ? sample - smoothed : smoothed - sample
        variation = (3 * variation + difference) / 4
        smoothed = max(1, (7 * smoothed + sample) / 8)
    }

    /// The earlier of both deadlines.
    var wakeAt: Tick? {
        guard let gapDeadline else { return deadline }
        return deadline.map { min($0, gapDeadline) } ?? gapDeadline
    }

    /// A batch goes out. The timer runs for the oldest.
    mutating func start(at now: Tick) {
        if deadline == nil { deadline = now + interval }
    }

    /// News of the peer: nothing is outstanding any more, or less.
    mutating func progress(isDone: Bool, at now: Tick) {
        timeouts = 0
        deadline = isDone ? nil : now + interval
        if isDone { gapDeadline = nil }
    }

    mutating func expire(at now: Tick) {
        timeouts += 1
        lastRewind = now
        gapDeadline = nil
        deadline = now + interval
    }

    /// Whether a gap that the peer tells of is answered now: once in a round trip, the shortest one;
    /// else it is answered when that is over. What was sent again is never measured (RFC 6298 §3), so
    /// after a time of delays the smoothed one would stay too long for as long as there are gaps.
    mutating func mayRewind(at now: Tick) -> Bool {
        let roundTrip = max(minimum, shortest == .max ? smoothed : shortest)
        if let lastRewind, now - lastRewind < roundTrip {
            gapDeadline = lastRewind + roundTrip
            return false
        }
        lastRewind = now
        gapDeadline = nil
        return true
    }

    /// Whether a gap that was told is to be answered by now.
    mutating func isGapDue(at now: Tick) -> Bool {
        guard let gapDeadline, gapDeadline <= now else { return false }
        return mayRewind(at: now)
    }

    mutating func stop() {
        deadline = nil
        gapDeadline = nil
        timeouts = 0
        lastRewind = nil
    }
}
