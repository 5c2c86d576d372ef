// How many answers a node makes for one resource: a bucket of tokens each, so that nobody makes it
// a source of packets (RFC 1812 §4.3.2.8, RFC 4443 §2.4 (f)).

public import Wire

/// Token buckets by resource slot. Nothing is allocated after `init`.
public struct AnswerLimiter: Sendable {
    private struct Bucket: Sendable, BitwiseCopyable {
        var tokens: UInt32
        var filledCentiseconds: UInt32
    }

    /// Answers a second, and at once.
    public let rate: UInt32
    private var buckets: [Bucket]

    public init(capacity: Int, rate: UInt32 = 1000) {
        self.rate = rate
        buckets = Array(
            repeating: Bucket(tokens: rate, filledCentiseconds: 0), count: capacity + 1)
    }

    /// Takes a token; false if there is none.
    public mutating func allows(_ resource: Int, at now: Tick) -> Bool {
        let slot = min(resource, buckets.count - 1)
        let clock = now.centiseconds
        let elapsed = min(clock &- buckets[slot].filledCentiseconds, 100)
        let gained = rate * elapsed / 100
        if gained > 0 {
            buckets[slot].tokens = min(rate, buckets[slot].tokens + gained)
            buckets[slot].filledCentiseconds = clock
        }
        guard buckets[slot].tokens > 0 else { return false }
        buckets[slot].tokens -= 1
        return true
    }
}
