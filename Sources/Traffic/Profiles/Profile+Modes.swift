// The profiles of the subcommands that do one thing.

extension RunPlan {
    /// Opens `flows` in `rampSeconds`, so that all are open for `seconds`, and lets each send its
    /// last request at the end.
    public static func hold(
        _ base: Profile, flows: Int, rampSeconds: Double, seconds: Double,
        keepAliveSeconds: Double, seed: UInt64
    ) -> RunPlan {
        var profile = base
        profile.arrivals = .uniform
        profile.lifetime = Lifetime(.fixed, meanMilliseconds: (rampSeconds + seconds) * 1000)
        profile.requestIntervalMilliseconds = keepAliveSeconds * 1000
        return RunPlan(profile: profile, flows: flows, seconds: rampSeconds, seed: seed)
    }

    /// Opens `flows` in `rampSeconds`, and holds them for `seconds` while nodes are struck: together
    /// they send `packetsPerSecond`, and new flows like those of `base` begin meanwhile.
    public static func holdUnderFaults(
        _ base: Profile, flows: Int, rampSeconds: Double, seconds: Double,
        packetsPerSecond: Double, newFlowsPerSecond: Double,
        outageLimitMilliseconds: Double = 200, seed: UInt64
    ) -> RunPlan {
        let interval = Double(flows) / packetsPerSecond
        // Whole rounds of all flows, so that they send evenly from then on.
        let ramp = max(1, (rampSeconds / interval).rounded(.up)) * interval
        var plan = RunPlan.hold(
            base, flows: flows, rampSeconds: ramp, seconds: ramp + seconds + 60,
            keepAliveSeconds: interval, seed: seed)
        var newcomers = Newcomers(
            flowsPerSecond: newFlowsPerSecond, seconds: seconds, like: base)
        newcomers.limits.longestOutageMilliseconds = outageLimitMilliseconds
        plan.newcomers = newcomers
        // Packets are lost while nobody leads: for how long is what counts.
        plan.profile.criteria.maximumLossFraction = 1
        plan.profile.criteria.maximumOutageMilliseconds = outageLimitMilliseconds
        return plan
    }

    /// Opens up to `flows` flows of one protocol to one destination, `flowsPerSecond`.
    public static func exhaust(
        _ protocols: ProtocolShares, _ destination: ExhaustedDestination, flows: Int,
        flowsPerSecond: Double, seed: UInt64
    ) -> RunPlan {
        var profile = Profile()
        profile.name = "exhaust"
        profile.protocols = protocols
        profile.sizes = [SizeShare(bytes: 60, weight: 1)]
        profile.arrivals = .uniform
        // Long enough to be ended by `proveAll` only; the requests between keep them from idling.
        profile.lifetime = Lifetime(.fixed, meanMilliseconds: 86_400_000)
        profile.requestIntervalMilliseconds = 30_000
        profile.patience.retryMilliseconds = 500
        profile.patience.attempts = 3
        profile.criteria.maximumRefusedFraction = 1
        profile.criteria.maximumLossFraction = 1
        profile.criteria.minimumRateFraction = 0
        var plan = RunPlan(
            profile: profile, flows: flows, seconds: Double(flows) / flowsPerSecond, seed: seed)
        plan.exhausts = destination
        return plan
    }
}
