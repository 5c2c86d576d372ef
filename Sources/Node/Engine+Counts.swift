// What an engine has counted for each resource, copied out a piece at a time.

public import Translation
public import Wire

/// One resource's counts in one engine, as plain values.
public struct ResourceReport: Sendable {
    public var resource: ResourceID
    public var kind: ResourceKind
    public var counts: ResourceCounts
    /// Only the reasons that happened.
    public var drops: [(reason: DropReason, count: UInt64)]
}

extension Engine {
    /// Adds the reports of up to `limit` resources from `slot` on; the next slot, or nil when there
    /// is no further resource with counts of its own.
    public func reports(
        from slot: Int, limit: Int, into reports: inout [ResourceReport]
    ) -> Int? {
        let resources = translator.resources.resources
        let counted = min(resources.count, translator.counters.capacity)
        let end = min(slot + limit, counted)
        for index in slot..<max(slot, end) {
            guard let counts = translator.counters.counts(index) else { return nil }
            var report = ResourceReport(
                resource: resources[index].id, kind: resources[index].kind, counts: counts,
                drops: [])
            if counts.packetsDropped > 0 {
                for reason in DropReason.all {
                    let count = translator.counters.drops(index, reason)
                    if count > 0 { report.drops.append((reason, count)) }
                }
            }
            reports.append(report)
        }
        return end < counted ? end : nil
    }
}
