// When flows begin. Open loop: the times depend on nothing that happens to earlier flows.

import Wire

/// Draws the intended beginnings of a run's flows, one after the other.
struct ArrivalClock: Sendable {
    private let arrivals: Arrivals
    private var meanNanoseconds: Double
    private var random: SplitMix64
    private let start: Tick
    /// Nanoseconds from the start to the next beginning.
    private var elapsed: Double
    private(set) var remaining: Int

    init(_ plan: RunPlan, start: Tick) {
        arrivals = plan.profile.arrivals
        meanNanoseconds = plan.seconds * 1e9 / Double(plan.flows)
        random = SplitMix64(seed: Mix.draw(plan.seed, 0, .arrival))
        self.start = start
        elapsed = 0
        remaining = plan.flows
        advance()
    }

    /// The next beginning, nil after the last.
    var next: Tick? { remaining > 0 ? start + UInt64(elapsed) : nil }

    /// The next beginning was used.
    mutating func take() {
        remaining -= 1
        advance()
    }

    mutating func stop() { remaining = 0 }

    /// Goes on after a stop: so many more, from `now` on.
    mutating func resume(_ flows: Int, at now: Tick) {
        elapsed = Double(now - start)
        remaining = flows
        advance()
    }

    /// Goes on at another rate.
    mutating func resume(_ flows: Int, perSecond rate: Double, at now: Tick) {
        meanNanoseconds = 1e9 / rate
        resume(flows, at: now)
    }

    private mutating func advance() {
        switch arrivals {
        case .uniform: elapsed += meanNanoseconds
        case .poisson:
            elapsed -= meanNanoseconds * Power.naturalLogarithm(1 - Mix.unit(random.next()))
        }
    }
}
