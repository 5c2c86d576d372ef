// What is watched while nodes are killed, paused or restarted under flows that are held: whose flows
// they were, and which of them sent while nothing answered.

import Configuration
public import Wire

/// The faults of a run, and what flows did after them.
struct FaultWatch: Sendable {
    /// Flows are marked by the bits of one byte.
    static let mostStrikes = 8
    /// After a fault nothing of the node is under way any more: its flows are counted again.
    static let settledAfterNanoseconds: UInt64 = 30_000_000

    /// A node that something was done to.
    struct Strike: Sendable {
        var node: Int
        var what: String
        var at: Tick
        /// By outage track: who led when it happened.
        var leaders: [UInt16]
        /// Live flows that the node led, and all live flows.
        var flowsLed = 0
        var flows = 0
        var isSettled = false
        /// Of each of the node's flows its first sending afterwards.
        var sendings: [(track: UInt32, at: Tick)] = []
    }

    /// When the last of the flows that are held was established, and the newcomers began.
    var allOpen: Tick?
    /// When those that are held were told to prove themselves and end.
    var ending: Tick?
    /// Requests sent from `allOpen` to `ending`.
    var sentWhileHeld: UInt64 = 0
    var strikes: [Strike] = []
    /// Flows that lived at the first fault, and those of them that sent something since.
    var watched = 0
    var watchedThatSent = 0

    var isYetToHold: Bool { allOpen == nil }
}

extension TrafficEngine {
    /// When all flows that the plan holds were open; nil before, and in other runs.
    public var allOpen: Tick? { faults?.allOpen }

    /// Goes on from opening to holding, and from holding to the end. Once a tick.
    mutating func hold(_ now: Tick) {
        guard let newcomers = workload.plan.newcomers, let watch = faults else { return }
        if let allOpen = watch.allOpen {
            settleStrikes(now)
            guard watch.ending == nil, now - allOpen >= UInt64(newcomers.seconds * 1e9) else {
                return
            }
            faults?.ending = now
            faults?.sentWhileHeld = outages.sendings
            endHeld(now)
        } else if arrivals.remaining == 0, openingFlows == 0 {
            outages.restart()
            faults?.allOpen = now
            arrivals.resume(newcomers.flows, perSecond: newcomers.flowsPerSecond, at: now)
        }
    }

    /// Lets every flow that is held send its last request, as fast as they sent while they were.
    private mutating func endHeld(_ now: Tick) {
        let interval = workload.plan.profile.requestIntervalMilliseconds * 1e6
        let spacing = interval / Double(max(workload.plan.flows, 1))
        var count = 0.0
        for slot in flows.indices
        where flows[slot].phase == .established && workload.isHeld(flows[slot].number) {
            // One that waits for an answer goes on waiting, and ends with that.
            let due = TimerWheel.rounded(now + UInt64(count * spacing))
            let isWaiting = flows[slot].ipProtocol == .tcp && flows[slot].attempts > 0
            flows[slot].lifetimeNanoseconds = (isWaiting ? now : due) - flows[slot].opened
            count += 1
            guard !isWaiting else { continue }
            flows[slot].due = due
            flows[slot].attempts = 0
            wheel.schedule(UInt32(slot), at: due)
        }
    }

    /// Something was done to a node at `now`: its flows are those that it leads.
    public mutating func noteStrike(node name: String, _ what: String, at now: Tick) {
        guard let ordinal = faults?.strikes.count, ordinal < FaultWatch.mostStrikes,
            let node = topology.nodes.firstIndex(where: { $0.name == name })
        else { return }
        let leaders = topology.services.flatMap(\.leaders)
        faults?.strikes.append(
            FaultWatch.Strike(node: node, what: what, at: now, leaders: leaders))
        let bit = UInt8(1) << UInt8(ordinal)
        for slot in flows.indices where isEstablished(slot) {
            flows[slot].yetToSend |= bit
            if isLed(slot, in: ordinal) { flows[slot].struck |= bit }
            if ordinal == 0, workload.isHeld(flows[slot].number) { faults?.watched += 1 }
        }
    }

    /// Counts the flows of a node that was struck, when all that it had sent has come.
    private mutating func settleStrikes(_ now: Tick) {
        for ordinal in faults?.strikes.indices ?? 0..<0 {
            guard let strike = faults?.strikes[ordinal], !strike.isSettled,
                now - strike.at >= FaultWatch.settledAfterNanoseconds
            else { continue }
            let live = flows.indices.filter { isEstablished($0) }
            let led = live.count { isLed($0, in: ordinal) }
            faults?.strikes[ordinal].flows = live.count
            faults?.strikes[ordinal].flowsLed = led
            faults?.strikes[ordinal].isSettled = true
        }
    }

    private func isEstablished(_ slot: Int) -> Bool {
        flows[slot].isLive && flows[slot].phase != .opening
    }

    private func isLed(_ slot: Int, in strike: Int) -> Bool {
        guard let strike = faults?.strikes[strike] else { return false }
        return Int(strike.leaders[Int(flows[slot].track)]) == strike.node
    }

    /// The first request of a flow after a fault, or after several.
    mutating func noteSendingAfterFault(_ slot: Int, _ now: Tick) {
        let record = flows[slot]
        flows[slot].yetToSend = 0
        if record.yetToSend & 1 != 0, workload.isHeld(record.number) {
            faults?.watchedThatSent += 1
        }
        var news = record.yetToSend & record.struck
        while news != 0 {
            faults?.strikes[news.trailingZeroBitCount].sendings.append((record.track, now))
            news &= news - 1
        }
    }
}
