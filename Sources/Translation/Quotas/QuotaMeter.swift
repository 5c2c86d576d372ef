// How much of what it may a tenant, or a resource, has used: leaky buckets that fill with each
// packet and run dry with time. One that is over its rim takes nothing more.

import Configuration
import Wire

/// A quota as one engine holds to it: the part of it that its buckets have.
struct QuotaShare: Sendable, BitwiseCopyable {
    /// Flows at one time; `Int.max` if there is no limit.
    var flows = Int.max
    /// What one of each costs, in femtoseconds of a bucket's time; 0 if there is no limit.
    var perNewFlow: UInt64 = 0
    var perPacket: UInt64 = 0
    var perBit: UInt64 = 0

    /// The share of an engine that holds `held` of the `buckets` that the quota is for.
    init(_ quota: Quota, held: Int, of buckets: Int) {
        flows = quota.flows == 0 ? .max : max(1, Int(min(quota.flows, 1 << 40)) * held / buckets)
        perNewFlow = Self.cost(quota.newFlowsPerSecond, held, buckets)
        perPacket = Self.cost(quota.packetsPerSecond, held, buckets)
        perBit = Self.cost(quota.bitsPerSecond, held, buckets)
    }

    var isUnlimited: Bool {
        flows == .max && perNewFlow == 0 && perPacket == 0 && perBit == 0
    }

    private static func cost(_ perSecond: UInt64, _ held: Int, _ buckets: Int) -> UInt64 {
        guard perSecond > 0 else { return 0 }
        let share = perSecond.multipliedFullWidth(by: UInt64(max(held, 1)))
        let rate = max(1, UInt64(buckets).dividingFullWidth(share).quotient)
        return QuotaMeter.femtosecondsPerSecond / rate
    }
}

/// What of a share is in use.
struct QuotaMeter: Sendable, BitwiseCopyable {
    static let femtosecondsPerSecond: UInt64 = 1_000_000_000_000_000
    /// How far a bucket fills: a second of new flows, a quarter of one of packets and bits.
    static let flowRim = femtosecondsPerSecond
    static let packetRim = femtosecondsPerSecond / 4

    var share: QuotaShare
    var flows = 0
    private var newFlows: UInt64 = 0
    private var packets: UInt64 = 0
    private var bits: UInt64 = 0
    private var drained = Tick(rawValue: 0)

    init(_ share: QuotaShare) { self.share = share }

    /// Lets run out what has run out since the last time.
    mutating func drain(_ now: Tick) {
        let elapsed = min(now - drained, 1_000_000_000) * 1_000_000
        drained = now
        newFlows -= min(newFlows, elapsed)
        packets -= min(packets, elapsed)
        bits -= min(bits, elapsed)
    }

    enum Excess { case flows, newFlows, packets, bits }

    /// What a packet is too much for; nil if for nothing. An empty bucket takes any packet.
    func excess(bits count: Int) -> Excess? {
        if packets + share.perPacket > max(Self.packetRim, share.perPacket) { return .packets }
        return bits > Self.packetRim ? .bits : nil
    }

    var hasRoom: Bool { flows < share.flows }

    /// What a new flow is too much for.
    func excessOfFlow() -> Excess? {
        if !hasRoom { return .flows }
        return newFlows + share.perNewFlow > max(Self.flowRim, share.perNewFlow) ? .newFlows : nil
    }

    mutating func charge(bits count: Int) {
        packets = Self.sum(packets, share.perPacket)
        let cost = share.perBit.multipliedReportingOverflow(by: UInt64(count))
        bits = Self.sum(bits, cost.overflow ? Self.fullest : cost.partialValue)
    }

    mutating func chargeFlow() { newFlows = Self.sum(newFlows, share.perNewFlow) }

    /// More than a day's worth of use, after which nothing counts any more.
    private static let fullest = 86_400 / 8 * femtosecondsPerSecond

    private static func sum(_ level: UInt64, _ cost: UInt64) -> UInt64 {
        min(min(level, fullest) + min(cost, fullest), fullest)
    }
}
