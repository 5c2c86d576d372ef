// What gateways and balancers are told of their flows alike: timers, and what they may use.

import Configuration
import ControlClient
import Wire

/// The part of a creation's or a change's body that is about flows.
protocol FlowSettings {
    var timeouts: API.TimeoutSettings? { get }
    var timerRules: [API.TimerRule]? { get }
    var onExpiry: API.ExpiryAction? { get }
    var quota: API.QuotaSettings? { get }
}

extension API.NATGateway.Creation: FlowSettings {}
extension API.NATGateway.Settings: FlowSettings {}
extension API.LoadBalancer.Creation: FlowSettings {}
extension API.LoadBalancer.Settings: FlowSettings {}

/// How a resource's flows are kept, as a part of its record. Nil is the default, so that records
/// of earlier releases can be read.
protocol FlowKeeping {
    var timeouts: API.IdleTimeouts { get set }
    /// Prefixes are canonical and stand once each.
    var timerRules: [API.TimerRule]? { get set }
    var onExpiry: API.ExpiryAction? { get set }
    var quota: API.Quota? { get set }
}

extension NATGatewayRecord: FlowKeeping {}
extension LoadBalancerRecord: FlowKeeping {}

extension FlowKeeping {
    /// Takes over what the settings name.
    mutating func take(_ settings: some FlowSettings) throws(Problem) {
        if let given = settings.timeouts {
            timeouts = try Validation.timeouts(given, field: "timeouts").applied(to: timeouts)
        }
        for (index, rule) in (settings.timerRules ?? []).enumerated() {
            try take(rule, field: "timerRules[\(index)]")
        }
        if let given = settings.onExpiry { onExpiry = given == .reset ? nil : given }
        try quota.take(settings.quota)
    }

    private mutating func take(_ rule: API.TimerRule, field: String) throws(Problem) {
        let given = try Validation.timeouts(rule.timeouts, field: field + ".timeouts")
        // A rule that an earlier release let through can still be removed.
        let prefix =
            if given.isEmpty, let prefix = IPPrefix(rule.prefix) {
                prefix.description
            } else {
                try Validation.prefix(rule.prefix, field: field + ".prefix").description
            }
        var rules = timerRules ?? []
        let old = rules.firstIndex { $0.prefix == prefix }
        if given.isEmpty {
            guard let old else {
                throw .invalid(
                    field, "\(field) sets no timer, and there is no rule for \(prefix) to remove")
            }
            rules.remove(at: old)
        } else if let old {
            rules[old].timeouts = given
        } else {
            rules.append(API.TimerRule(prefix: prefix, timeouts: given))
        }
        guard rules.count <= FlowTimers.ruleLimit else {
            throw .limit(
                "there would be \(rules.count) timer rules",
                hint: "\(FlowTimers.ruleLimit) are the most.")
        }
        timerRules = rules.isEmpty ? nil : rules
    }
}

extension API.Quota? {
    /// Takes over what is given; nil stands for a quota without limits.
    mutating func take(_ given: API.QuotaSettings?) throws(Problem) {
        guard let given else { return }
        let quota = try Validation.quota(given).applied(to: self ?? .unlimited)
        self = quota == .unlimited ? nil : quota
    }
}
