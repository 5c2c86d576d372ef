// Looking into an engine from outside: flows that match a filter, a piece at a time, so that a
// long table never makes a long turn.

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
public struct FlowDescription: Sendable {
    public var resource: ResourceID
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
    /// Adds to `found` what matches among the next `slots` slots; nil when all were visited.
    public func flows(
        matching filter: FlowFilter, from cursor: FlowCursor, slots: Int, at now: Tick,
        into found: inout [FlowDescription]
    ) -> FlowCursor? {
        var next = cursor
        if cursor.isIPv4 {
            next.slot = visit(flowsV4, filter, cursor.slot, slots, now, &found)
            if next.slot < flowsV4.capacityFlows { return next }
            next.isIPv4 = false
            next.slot = 0
            return next
        }
        next.slot = visit(flowsV6, filter, cursor.slot, slots, now, &found)
        return next.slot < flowsV6.capacityFlows ? next : nil
    }

    private func visit<Layout: TranslationLayout>(
        _ flows: borrowing FlowTable<Layout>, _ filter: FlowFilter, _ first: Int, _ slots: Int,
        _ now: Tick, _ found: inout [FlowDescription]
    ) -> Int {
        let end = min(first + slots, flows.capacityFlows)
        for slot in first..<end {
            let handle = FlowHandle(rawValue: UInt32(slot))
            guard flows.isLive(handle), matches(flows[hot: handle], filter) else { continue }
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
        let ends = [record.outbound, record.translated].flatMap {
            [($0.source, $0.sourcePort), ($0.destination, $0.destinationPort)]
        }
        return ends.contains { address, port in
            (filter.address ?? address) == address && (filter.port ?? port) == port
        }
    }

    private func describe<Record: FlowRecord>(
        _ record: Record, _ details: FlowDetails, _ now: Tick
    ) -> FlowDescription {
        let clock = now.centiseconds
        return FlowDescription(
            resource: translator.resources.resources[record.scope.resourceSlot].id,
            outbound: record.outbound, translated: record.translated, state: record.state,
            bucket: record.bucket, ageCentiseconds: clock &- details.startCentiseconds,
            idleCentiseconds: clock &- record.lastSeenCentiseconds,
            packetsOutbound: UInt64(details.outboundWraps) << 32
                | UInt64(record.packets(.outbound)),
            packetsInbound: UInt64(details.inboundWraps) << 32
                | UInt64(record.packets(.inbound)),
            bytesOutbound: record.bytes(.outbound), bytesInbound: record.bytes(.inbound))
    }
}
