// The node's status and metrics: sums over its engines.

import Configuration
import ControlClient
import Node
import Translation
import Wire

/// What one engine reports.
struct EngineReport: Sendable {
    var counters: EngineCounters
    var flows: Int
    var parked: Int
    var resources: [NodeAPI.ResourceCounters]
}

extension NodeOperations {
    func reports() async -> [EngineReport] {
        var reports: [EngineReport] = []
        for mailbox in current.mailboxes {
            reports.append(await mailbox.ask { engine, _ in EngineReport(of: engine) })
        }
        return reports
    }

    /// `GET /v1/status`.
    func status() async -> NodeAPI.Status {
        let state = current
        let reports = await reports()
        let now = clock()
        var status = NodeAPI.Status()
        status.node = identity.text
        status.detail = notReady
        status.ready = status.detail == nil
        status.snapshotVersion = state.snapshot?.version
        status.snapshotSource = state.snapshot == nil ? nil : state.source.rawValue
        status.snapshotAgeSeconds = state.fetched.map { Double(now - $0) / 1e9 }
        status.engines = reports.count
        status.flows = UInt64(reports.reduce(0) { $0 + $1.flows })
        status.flowCapacity = UInt64(identity.capacityFlows)
        status.uptimeSeconds = Double(now - started) / 1e9
        status.counters = NodeAPI.Counters(reports, sockets: socketCounters())
        status.resources = merged(reports.map(\.resources))
        return status
    }

    private func merged(
        _ lists: [[NodeAPI.ResourceCounters]]
    ) -> [NodeAPI.ResourceCounters] {
        var sums: [String: NodeAPI.ResourceCounters] = [:]
        for counters in lists.joined() {
            sums[counters.resource, default: .init(resource: counters.resource)].add(counters)
        }
        return sums.values.sorted { $0.resource < $1.resource }
    }
}

extension EngineReport {
    init(of engine: borrowing Engine) {
        counters = engine.counters
        flows = engine.flowCount
        parked = engine.parkedCount
        resources = []
        for (slot, resource) in engine.translator.resources.resources.enumerated() {
            let kind: IdentifierKind =
                resource.kind == .natGateway ? .natGateway : .loadBalancer
            guard let counts = engine.translator.counters.counts(slot) else { break }
            var report = NodeAPI.ResourceCounters(
                resource: Identifier(kind, resource.id.rawValue).description)
            report.flowsCreated = counts.flowsCreated
            report.flowsEnded = counts.flowsEnded
            report.packetsIn = counts.packetsIn
            report.packetsOutbound = counts.packetsOutbound
            report.packetsInbound = counts.packetsInbound
            report.bytesOutbound = counts.bytesOutbound
            report.bytesInbound = counts.bytesInbound
            report.packetsDropped = counts.packetsDropped
            for reason in DropReason.all {
                let drops = engine.translator.counters.drops(slot, reason)
                if drops > 0 { report.drops[reason.description] = drops }
            }
            resources.append(report)
        }
    }
}

extension NodeAPI.Counters {
    init(_ reports: [EngineReport], sockets: [String: UInt64]) {
        self.init()
        var sum = EngineCounters()
        for report in reports {
            sum += report.counters
            packetsParked += UInt64(report.parked)
        }
        packetsIn = sum.packetsIn
        packetsForwarded = sum.packetsForwarded
        packetsPassedOn = sum.packetsPassedOn
        packetsHandedOver = sum.packetsHandedOver
        packetsDropped = sum.packetsDropped
        for reason in DropReason.all where sum.drops[Int(reason.rawValue)] > 0 {
            drops[reason.description] = sum.drops[Int(reason.rawValue)]
        }
        self.sockets = sockets
    }
}

extension NodeAPI.ResourceCounters {
    fileprivate mutating func add(_ other: Self) {
        flowsCreated += other.flowsCreated
        flowsEnded += other.flowsEnded
        packetsIn += other.packetsIn
        packetsOutbound += other.packetsOutbound
        packetsInbound += other.packetsInbound
        bytesOutbound += other.bytesOutbound
        bytesInbound += other.bytesInbound
        packetsDropped += other.packetsDropped
        drops.merge(other.drops, uniquingKeysWith: +)
    }
}
