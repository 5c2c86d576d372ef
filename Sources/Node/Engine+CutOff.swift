// Whether a node still hears routers and edges: one that has lost all of a kind, while its peers have not,
// is of no use as a leader. DESIGN part 5, rule 14. The node's first engine knows, by subscriptions.

import Consensus
import Steering
import Translation
import Wire

extension Engine {
    /// Looks after who subscribed and fell silent. A few times a second.
    mutating func watchSubscribers(_ now: Tick) {
        guard settings.index == 0, now - subscribersSeenAt >= Self.watchNanoseconds else { return }
        subscribersSeenAt = now
        var routers = Silence()
        var edges = Silence()
        announcer.forEachSubscriber { address, heardAt in
            let isSilent = now - heardAt > Self.silenceNanoseconds
            switch translator.resources.sender(address) {
            case .host: routers.count(isSilent)
            case .edge: edges.count(isSilent)
            case .node, nil: break
            }
        }
        exchange.setCutOff(routers.isComplete || edges.isComplete, at: now)
    }

    private static var watchNanoseconds: UInt64 { 100_000_000 }
    /// Two of their messages; with the time that members wait for each other it is more than three.
    private static var silenceNanoseconds: UInt64 { 2_300_000_000 }
}

/// Of machines that subscribed once.
private struct Silence {
    var heard = 0
    var silent = 0

    /// All of them have fallen silent.
    var isComplete: Bool { heard == 0 && silent > 0 }

    mutating func count(_ isSilent: Bool) {
        if isSilent { silent += 1 } else { heard += 1 }
    }
}
