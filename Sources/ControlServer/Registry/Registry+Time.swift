// What happens in the registry by time alone: drains end, released EIPs become free, deregistered
// targets go.

import ControlClient

extension Registry {
    /// Brings everything to where it is at `now`, milliseconds since 1970.
    mutating func advance(to now: Int64) {
        for eip in eips.rows.values.filter({ $0.until.map { $0 <= now } ?? false }) {
            switch eip.use {
            case .draining: release(eip, at: now)
            case .releasing: free(eip)
            case .associated, nil: break
            }
        }
        for gateway in natGateways.rows.values where gateway.isDeleting && gateway.eips.isEmpty {
            natGateways.remove(gateway.id.rawValue)
            secrets.remove(gateway.id.rawValue)
        }
        for target in targets.rows.values where target.until.map({ $0 <= now }) ?? false {
            targets.remove(target.id.rawValue)
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
        eips.put(eip)
    }
}
