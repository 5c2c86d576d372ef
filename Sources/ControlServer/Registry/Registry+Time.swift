// What happens in the registry by itself: drains end, what all nodes have let go of becomes free,
// deregistered targets' flows end, and they go.

import ControlClient

extension Registry {
    /// Brings everything to where it is at `now`, milliseconds since 1970.
    mutating func advance(to now: Int64) {
        for eip in eips.sorted {
            switch eip.use {
            case .draining where eip.until.map { $0 <= now } ?? false: release(eip)
            case .releasing: proceed(eip, at: now)
            case .draining, .associated, nil: break
            }
        }
        for balancer in loadBalancers.sorted where balancer.isDeleting {
            proceed(balancer, at: now)
        }
        for gateway in natGateways.rows.values where gateway.isDeleting && gateway.eips.isEmpty {
            natGateways.remove(gateway.id.rawValue)
            secrets.remove(gateway.id.rawValue)
        }
        advanceTargets(to: now)
    }

    private mutating func proceed(_ eip: EIPRecord, at now: Int64) {
        switch step(of: eip.release, until: eip.until, at: now) {
        case .waiting: break
        case .quiet(let until):
            var eip = eip
            eip.until = until
            eips.put(eip)
        case .free: free(eip)
        }
    }

    private mutating func proceed(_ balancer: LoadBalancerRecord, at now: Int64) {
        switch step(of: balancer.release, until: balancer.until, at: now) {
        case .waiting: break
        case .quiet(let until):
            var balancer = balancer
            balancer.until = until
            loadBalancers.put(balancer)
        case .free: loadBalancers.remove(balancer.id.rawValue)
        }
    }

    private mutating func free(_ eip: EIPRecord) {
        if let id = eip.resource, var gateway = natGateways[id.rawValue] {
            gateway.eips.removeAll { $0 == eip.id }
            natGateways.put(gateway)
        }
        var eip = eip
        eip.resource = nil
        eip.use = nil
        eip.until = nil
        eip.release = nil
        eips.put(eip)
    }
}
