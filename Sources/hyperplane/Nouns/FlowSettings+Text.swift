// Quotas and timers, in words for people.

import ControlClient

extension API.Quota {
    /// A line for each limit; one that says so if there is none.
    var cells: [Cell] {
        var lines: [String] = []
        if flows > 0 { lines.append("\(flows) flows") }
        if newFlowsPerSecond > 0 { lines.append("\(newFlowsPerSecond) new flows/s") }
        if packetsPerSecond > 0 { lines.append("\(packetsPerSecond) packets/s") }
        if bitsPerSecond > 0 { lines.append(bandwidth) }
        return lines.isEmpty ? ["none"] : lines.map { Cell($0) }
    }

    private var bandwidth: String {
        let rate = "\(Quantity.amount(UInt64(bitsPerSecond)))bit/s"
        guard bitsPerSecond % Self.bitsPerSecondOfUnit == 0 else { return rate }
        let units = bitsPerSecond / Self.bitsPerSecondOfUnit
        return rate + " (\(units) capacity unit\(units == 1 ? "" : "s"))"
    }
}

extension API.IdleTimeouts {
    /// `aws` is what a resource of the kind begins with.
    func sentence(defaults: API.IdleTimeouts) -> String {
        let profile = self == defaults ? " (aws)" : self == .rfc5382 ? " (rfc5382)" : ""
        return API.TimeoutSettings(self).sentence + profile
    }
}

extension API.TimeoutSettings {
    /// `TCP 350 s (opening 240 s, closing 240 s), UDP 350 s`: only what is set.
    var sentence: String {
        let tcp: [(String, Int?)] = [
            ("TCP ", tcpEstablishedSeconds), ("TCP opening ", tcpOpeningSeconds),
            ("TCP closing ", tcpClosingSeconds), ("UDP ", udpSeconds), ("ICMP ", icmpSeconds),
        ]
        return tcp.compactMap { name, seconds in seconds.map { "\(name)\($0) s" } }
            .joined(separator: ", ")
    }
}

extension API.TimerRule {
    var cell: Cell { Cell("\(prefix): \(timeouts.sentence)") }
}

extension Details {
    /// How a resource's flows end by idleness.
    mutating func add(
        _ timeouts: API.IdleTimeouts, defaults: API.IdleTimeouts, _ rules: [API.TimerRule],
        _ onExpiry: API.ExpiryAction
    ) {
        add("Idle after", timeouts.sentence(defaults: defaults))
        if !rules.isEmpty { add("Timer rules", rules.map(\.cell)) }
        add("On expiry", onExpiry == .reset ? "reset (an RST to both ends)" : "silent")
    }
}
