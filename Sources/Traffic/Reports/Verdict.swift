// PASS or FAIL, and why.

extension RunReport {
    /// Holds the report against the criteria and sets `verdict` and `failures`. The flows were
    /// begun in `openingSeconds`, and should have been in `intendedSeconds`.
    public mutating func judge(
        _ criteria: Criteria, openingSeconds: Double, intendedSeconds: Double
    ) {
        failures =
            faultFailures() + limitFailures(criteria) + (faults?.failures ?? [])
            + (exhaustion?.failures(stages ?? []) ?? [])
        // A quarter of a second is within what any machine may be busy with.
        let share = intendedSeconds / max(openingSeconds - 0.25, intendedSeconds, 1e-9)
        let percent = Int(share * 100)
        if share < criteria.minimumRateFraction {
            failures.append(
                "flows were begun at \(percent) % of the rate asked for: the generator, or its "
                    + "machine, was too slow")
        } else if share < 0.95 {
            notes.append("flows were begun at \(percent) % of the rate asked for")
        }
        verdict = failures.isEmpty ? .pass : .fail
    }

    /// Something beside the criteria went wrong.
    public mutating func fail(_ reason: String) {
        failures.append(reason)
        verdict = .fail
    }

    private func faultFailures() -> [String] {
        var found: [String] = []
        func check(_ count: UInt64, _ one: String, _ many: String) {
            if count == 1 { found.append("1 " + one) }
            if count > 1 { found.append("\(count) " + many) }
        }
        if flows.established == 0 { found.append("no flow was established") }
        check(flows.broken, "flow was broken", "flows were broken")
        check(flows.misdelivered, "flow was misdelivered", "flows were misdelivered")
        check(
            flows.duplicateTranslations, "flow got another's translation",
            "flows got another's translation")
        check(flows.changedTarget, "flow changed its target", "flows changed their target")
        check(
            flows.changedTranslation, "flow changed its translation",
            "flows changed their translation")
        check(
            flows.wrongTranslation, "flow got a translation that its resource doesn't own",
            "flows got a translation that their resource doesn't own")
        check(packets.badChecksum, "packet had a bad checksum", "packets had bad checksums")
        check(packets.malformed, "packet was malformed", "packets were malformed")
        check(
            packets.badTCPNumbers, "TCP segment had wrong numbers",
            "TCP segments had wrong numbers")
        check(flows.unfinished, "flow did not end in time", "flows did not end in time")
        return found + leakFailures
    }

    /// DESIGN part 5, invariant 5: what has an inner source address stays inside.
    var leakFailures: [String] {
        guard packets.leaked > 0 else { return [] }
        return ["\(packets.leaked) packets left by the edge with inner source addresses"]
    }

    private func limitFailures(_ criteria: Criteria) -> [String] {
        var found: [String] = []
        func check(_ part: UInt64, of whole: UInt64, limit: Double, _ what: String) {
            guard whole > 0, Double(part) > limit * Double(whole) else { return }
            found.append("\(part) of \(whole) \(what), more than the limit of \(limit)")
        }
        check(
            flows.refused, of: flows.attempted, limit: criteria.maximumRefusedFraction,
            "flows were refused")
        check(
            packets.lost, of: packets.sent, limit: criteria.maximumLossFraction,
            "packets were lost")
        if let limit = criteria.maximumOutageMilliseconds, longestOutageMilliseconds > limit {
            found.append(
                "the longest outage was \(longestOutageMilliseconds) ms, the limit \(limit) ms")
        }
        if let limit = criteria.maximumViewChanges, let seen = steering?.viewChanges,
            seen > UInt64(limit)
        {
            found.append("\(seen) views changed or buckets were handed over, the limit is \(limit)")
        }
        if let limit = criteria.maximumSetupP99Microseconds, setupLatencyMicroseconds.p99 > limit {
            found.append(
                "setup took \(setupLatencyMicroseconds.p99) µs at p99, the limit is \(limit) µs")
        }
        return found
    }
}
