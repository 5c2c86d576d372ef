// Looking into an engine from outside: flows that match a filter, and what is counted, a piece at a
// time and as plain values, so that neither a long table nor a long answer makes a long turn. What
// people read is made of them elsewhere.

import Tables
public import Translation
public import Wire

/// Which flows are asked for; nil fields match all.
public struct FlowFilter: Sendable {
    public var resource: ResourceID?
    public var tenant: UInt64?
    /// Of either end, before or after translation.
    public var address: IPAddress?
    public var port: Port?
    public var state: FlowState?

    public init() {}
}

/// One flow as people read it. Times in hundredths of a second.
public struct FlowDescription: Sendable, BitwiseCopyable {
    public var resource: ResourceID
    public var kind: ResourceKind
    public var outbound: FlowTuple
    public var translated: FlowTuple
    public var state: FlowState
    public var bucket: BucketIndex
    public var ageCentiseconds: UInt32
    public var idleCentiseconds: UInt32
    public var packetsOutbound: UInt64
    public var packetsInbound: UInt64
    public var bytesOutbound: UInt64
    public var bytesInbound: UInt64
}

/// Where a walk over an engine's flows stands.
public struct FlowCursor: Sendable {
    var isIPv4 = true
    var slot = 0
    public init() {}
}

extension Engine {
    /// Adds to `found` what matches among the next `slots` slots, until there are `limit` in it; nil
    /// when all were visited.
    public func flows(
        matching filter: FlowFilter, from cursor: FlowCursor, slots: Int, limit: Int,
        at now: Tick, into found: inout [FlowDescription]
    ) -> FlowCursor? {
        var next = cursor
        if cursor.isIPv4 {
            next.slot = visit(flowsV4, filter, cursor.slot, slots, limit, now, &found)
            if next.slot < flowsV4.capacityFlows { return next }
            next.isIPv4 = false
            next.slot = 0
            return next
        }
        next.slot = visit(flowsV6, filter, cursor.slot, slots, limit, now, &found)
        return next.slot < flowsV6.capacityFlows ? next : nil
    }

    private func visit<Layout: TranslationLayout>(
        _ flows: borrowing FlowTable<Layout>, _ filter: FlowFilter, _ first: Int, _ slots: Int,
        _ limit: Int, _ now: Tick, _ found: inout [FlowDescription]
    ) -> Int {
        let end = min(first + slots, flows.capacityFlows)
        for slot in first..<end {
            guard found.count < limit else { return slot }
            let handle = FlowHandle(rawValue: UInt32(slot))
            guard flows.isLive(handle), leads(flows[hot: handle]),
                matches(flows[hot: handle], filter)
            else { continue }
            found.append(describe(flows[hot: handle], flows[cold: handle], now))
        }
        return end
    }

    private func matches<Record: FlowRecord>(_ record: Record, _ filter: FlowFilter) -> Bool {
        let resource = translator.resources.resources[record.scope.resourceSlot]
        if let wanted = filter.resource, wanted != resource.id { return false }
        if let tenant = filter.tenant, tenant != resource.tenant { return false }
        if let state = filter.state, state != record.state { return false }
        guard filter.address != nil || filter.port != nil else { return true }
        return filter.matchesEnd(of: record.outbound) || filter.matchesEnd(of: record.translated)
    }

    private func describe<Record: FlowRecord>(
        _ record: Record, _ details: FlowDetails, _ now: Tick
    ) -> FlowDescription {
        let clock = now.centiseconds
        let resource = translator.resources.resources[record.scope.resourceSlot]
        return FlowDescription(
            resource: resource.id, kind: resource.kind,
            outbound: record.outbound.withoutLoan, translated: record.translated.withoutLoan,
            state: record.state,
            bucket: record.bucket, ageCentiseconds: clock &- details.startCentiseconds,
            idleCentiseconds: clock &- record.lastSeenCentiseconds,
            packetsOutbound: UInt64(details.outboundWraps) << 32
                | UInt64(record.packets(.outbound)),
            packetsInbound: UInt64(details.inboundWraps) << 32
                | UInt64(record.packets(.inbound)),
            bytesOutbound: record.bytes(.outbound), bytesInbound: record.bytes(.inbound))
    }
}

extension FlowFilter {
    /// Whether one end has the address and the port that are asked for.
    func matchesEnd(of tuple: FlowTuple) -> Bool {
        (address ?? tuple.source) == tuple.source && (port ?? tuple.sourcePort) == tuple.sourcePort
            || (address ?? tuple.destination) == tuple.destination
                && (port ?? tuple.destinationPort) == tuple.destinationPort
    }
}

extension Engine {
    /// Fragments that wait for their datagram's first.
    public var fragmentsWaiting: Int { fragmentPark.count }
}

/// Where packets wait in an engine.
package struct ParkedCounts: Sendable, Hashable {
    /// For the commitment of their decisions.
    package var commitment = 0
    /// For their datagrams' first fragments.
    package var firstFragment = 0
    /// For ports on loan.
    package var loan = 0
    /// For a leader.
    package var leader = 0
    /// Until this engine may decide.
    package var decision = 0
}

extension Engine {
    /// `parkedCount`, by what the packets wait for.
    package var parked: ParkedCounts {
        ParkedCounts(
            commitment: held.count { !$0.isExtra }, firstFragment: fragmentPark.count,
            loan: loanSeekers.count, leader: waitingRoom.count, decision: undecided.count)
    }
}
