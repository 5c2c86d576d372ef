// Timers and quotas from the registry's form to the data plane's. Their numbers were checked before
// they were stored.

import Configuration
import ControlClient
import Wire

extension FlowTimers {
    init(_ record: some FlowKeeping) {
        let rules = (record.timerRules ?? []).compactMap { rule in
            IPPrefix(rule.prefix).map {
                // What a rule doesn't set is as elsewhere, also when that changes.
                TimeoutRule(
                    prefix: $0,
                    timeouts: IdleTimeouts(rule.timeouts.applied(to: record.timeouts)))
            }
        }
        self.init(
            IdleTimeouts(record.timeouts), rules: rules,
            resetsOnExpiry: record.onExpiry != .silent)
    }
}

extension IdleTimeouts {
    fileprivate init(_ timeouts: API.IdleTimeouts) {
        self.init(
            tcpEstablishedSeconds: UInt32(timeouts.tcpEstablishedSeconds),
            tcpOpeningSeconds: UInt32(timeouts.tcpOpeningSeconds),
            tcpClosingSeconds: UInt32(timeouts.tcpClosingSeconds),
            udpSeconds: UInt32(timeouts.udpSeconds), icmpSeconds: UInt32(timeouts.icmpSeconds))
    }
}

extension Quota {
    /// Nil is no limit.
    init(_ quota: API.Quota?) {
        let quota = quota ?? .unlimited
        self.init(
            flows: UInt64(quota.flows), newFlowsPerSecond: UInt64(quota.newFlowsPerSecond),
            packetsPerSecond: UInt64(quota.packetsPerSecond),
            bitsPerSecond: UInt64(quota.bitsPerSecond))
    }
}
