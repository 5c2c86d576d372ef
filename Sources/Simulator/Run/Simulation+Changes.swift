// Changes of the configuration while flows live.

import Configuration
import Wire

extension Simulation {
    func change(_ index: Int) {
        let change = plan.changes[index]
        guard phase == .faults else { return }
        queue.plan(.change, at: now + changeRandom.around(change.everyNanoseconds), index)
        let gateways = control.snapshot.natGateways
        var isDone = true
        switch change.kind {
        case .version: control.newVersion()
        case .drainEIP:
            let gateway = changeRandom.below(gateways.count)
            guard !gateways[gateway].eips.isEmpty else { return }
            isDone = control.toggleDraining(
                gateway: gateway, eip: changeRandom.below(gateways[gateway].eips.count))
        case .moveEIP:
            let gateway = changeRandom.below(gateways.count)
            guard !gateways[gateway].eips.isEmpty else { return }
            isDone = control.beginMove(
                gateway: gateway, eip: changeRandom.below(gateways[gateway].eips.count),
                to: changeRandom.below(gateways.count))
        case .replace: isDone = replaceMember()
        }
        guard isDone else { return }
        figures.changes += 1
        note(.changed, control.snapshot.version)
    }

    /// Looks every tenth of a second at what has become free.
    func controlStep() {
        queue.plan(.control, at: now + 100_000_000)
        let given = control.settleMoves(quiet: plan.cluster.quietNanoseconds, at: now)
        if given > 0 { note(.changed, control.snapshot.version) }
        replaceGone()
    }
}
