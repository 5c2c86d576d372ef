// A node's clock: begins anywhere, and runs a little fast or slow.

import Wire

/// What CLOCK_BOOTTIME is to a node of the simulation.
struct NodeClock: Sendable {
    let startNanoseconds: UInt64
    /// Millionths by which it runs fast, or slow if negative.
    let driftPerMillion: Int64

    func read(_ moment: Moment) -> Tick {
        let elapsed = Int64(moment.nanoseconds)
        // Whole milliseconds, so that the product stays small.
        let drift = elapsed / 1_000_000 * driftPerMillion
        return Tick(rawValue: startNanoseconds + UInt64(elapsed + drift))
    }
}
