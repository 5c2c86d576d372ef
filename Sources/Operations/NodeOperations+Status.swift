// The node's status and metrics: sums over its engines.

import Configuration
package import ControlClient
import Node
import Translation
import Wire

/// What one engine reports: plain values, copied between its turns.
struct EngineReport: Sendable {
    var counters: EngineCounters
    var flows: Int
    var parked: Int
    var closedVersion: UInt64
    var loans: LoanReport
    var batches: BatchReport
    var consensus: ConsensusReport
    var fragmentsWaiting: Int
    var resources: [ResourceReport] = []
    /// The next resource to be asked for.
    var next: Int? = 0
}

extension NodeOperations {
    /// Resources that are copied between two turns.
    private static let resourcesPerPiece = 128

    func reports() async -> [EngineReport] {
        var reports: [EngineReport] = []
        for mailbox in current.mailboxes {
            var report = await mailbox.ask { engine, now in
                EngineReport(of: &engine, at: now)
            }
            while let slot = report.next {
                let (piece, next) = await mailbox.ask { engine, _ in
                    var piece: [ResourceReport] = []
                    let next = engine.reports(
                        from: slot, limit: Self.resourcesPerPiece, into: &piece)
                    return (piece, next)
                }
                report.resources += piece
                report.next = next
            }
            reports.append(report)
        }
        return reports
    }

    /// `GET /v1/status`.
    package func status() async -> NodeAPI.Status { status(await reports()) }

    func status(_ reports: [EngineReport]) -> NodeAPI.Status {
        let state = current
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
        status.memoryFraction = memoryFraction()
        status.portsRestSeconds = portsRestSeconds()
        status.closedVersion = reports.map(\.closedVersion).min()
        let consensus = reports.reduce(into: ConsensusReport()) { $0 += $1.consensus }
        status.leads = consensus.led
        status.follows = consensus.followed
        status.filling = consensus.filling
        status.waiting = consensus.waiting
        status.viewChanges = consensus.viewChanges
        status.drain = drain(by: consensus)
        status.isNeeded = consensus.isNeeded
        status.uptimeSeconds = Double(now - started) / 1e9
        status.counters = NodeAPI.Counters(reports, sockets: socketCounters())
        status.resources = merged(reports.map(\.resources))
        return status
    }

    private func merged(_ lists: [[ResourceReport]]) -> [NodeAPI.ResourceCounters] {
        var sums: [String: NodeAPI.ResourceCounters] = [:]
        for report in lists.joined() {
            let resource = Identifier(report.resource, report.kind).description
            sums[resource, default: .init(resource: resource)].add(report)
        }
        return sums.values.sorted { $0.resource < $1.resource }
    }
}

extension EngineReport {
    init(of engine: inout Engine, at now: Tick) {
        counters = engine.counters
        flows = engine.flowCount
        parked = engine.parkedCount
        closedVersion = engine.closedVersion
        loans = engine.loanReport()
        batches = engine.batchReport()
        consensus = engine.consensusReport(at: now)
        fragmentsWaiting = engine.fragmentsWaiting
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
    fileprivate mutating func add(_ report: ResourceReport) {
        let counts = report.counts
        flowsCreated += counts.flowsCreated
        flowsEnded += counts.flowsEnded
        packetsIn += counts.packetsIn
        packetsOutbound += counts.packetsOutbound
        packetsInbound += counts.packetsInbound
        bytesOutbound += counts.bytesOutbound
        bytesInbound += counts.bytesInbound
        packetsDropped += counts.packetsDropped
        for (reason, count) in report.drops { drops[reason.description, default: 0] += count }
    }
}
