// What two engines hold, compared; and what one holds, checked against itself.

import Configuration
import Tables
import Testing
import Wire

@testable import Translation

/// A record as its own engine and others see it.
struct HeldRecord: Hashable, Comparable, CustomStringConvertible {
    var name: FlowName
    var translated: FlowTuple
    var bucket: BucketIndex
    var state: FlowState
    var client: String
    var target: String

    var description: String {
        "\(name.resource.rawValue) \(name.outbound) as \(translated) in \(bucket.rawValue) "
            + "\(state) \(client) \(target)"
    }

    static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

extension ReplayEngine {
    /// All records. What moves lazily, TCP states but quiet, and counters, is left out.
    func records(quiet: Bool = true) -> [HeldRecord] {
        var all: [HeldRecord] = []
        for handle in handles(v4) { all.append(held(v4[hot: handle])) }
        for handle in handles(v6) { all.append(held(v6[hot: handle])) }
        return all.filter { quiet || $0.state != .quiet }.sorted()
    }

    func handles<Layout: TranslationLayout>(_ table: borrowing FlowTable<Layout>) -> [FlowHandle] {
        var found: [FlowHandle] = []
        var slot = 0
        while let handle = table.nextLive(from: slot, before: table.capacityFlows) {
            found.append(handle)
            slot = Int(handle.rawValue) + 1
        }
        return found
    }

    private func held<Record: FlowRecord>(_ record: Record) -> HeldRecord {
        func text(_ index: AttachmentIndex) -> String {
            guard index != .none else { return "-" }
            let place = translator.attachments[index]
            return "\(place.kind) \(place.vni.rawValue) \(place.identity)"
        }
        return HeldRecord(
            name: translator.name(of: record), translated: record.translated,
            bucket: record.bucket, state: record.state, client: text(record.clientAttachment),
            target: text(record.targetAttachment))
    }

    /// Quiet records may be gone on one side already, or stand a little longer.
    func expectSame(
        as other: ReplayEngine, _ now: Tick, _ othersNow: Tick, quietMayDiffer: Bool = true
    ) {
        _ = sweep(at: now)
        _ = other.sweep(at: othersNow)
        #expect(records(quiet: false) == other.records(quiet: false))
        if !quietMayDiffer { #expect(records() == other.records()) }
    }

    /// What the tables hold is what attachments, tallies, quotas and port sets say.
    func checkInvariants() {
        v4.checkInvariants()
        v6.checkInvariants()
        var uses: [UInt32: Int] = [:]
        var flows = 0
        var loads: [UInt64: UInt32] = [:]
        func count<Record: FlowRecord>(_ record: Record) {
            for index in [record.clientAttachment, record.targetAttachment] where index != .none {
                uses[index.rawValue, default: 0] += 1
            }
            guard record.state != .quiet, record.state != .lent else { return }
            flows += 1
            guard record.targetAttachment != .none else { return }
            let target = translator.attachments[record.targetAttachment]
            if target.kind == .target { loads[target.identity, default: 0] += 1 }
        }
        for handle in handles(v4) { count(v4[hot: handle]) }
        for handle in handles(v6) { count(v6[hot: handle]) }
        #expect(translator.attachments.count == uses.count)
        for (index, count) in uses {
            let place = translator.attachments[AttachmentIndex(rawValue: index)]
            #expect(place.flowCount == count)
        }
        #expect(translator.quotas.flows(ofTenant: 0) == flows)
        for (target, load) in loads { #expect(translator.targetLoads[target] == load) }
        checkPorts()
    }

    private func checkPorts() {
        let scope = FlowScope(resourceSlot: translator.resources.slot(of: ReplayWorld.nat)!)
        for remote in 0..<2 {
            for ipProtocol in [IPProtocol.tcp, .udp] {
                for bucket in 0..<ReplayWorld.buckets {
                    let destination = PortDestination(
                        scope: ReplayWorld.nat, ipProtocol: ipProtocol, external: ReplayWorld.eip,
                        remote: .v4(IPv4Address(198, 51, 100, UInt8(remote))),
                        remotePort: Port(443), bucket: BucketIndex(bucket))
                    translator.ports.checkInvariants(toward: destination) { port in
                        Translator.isFree(
                            destination.inbound(port), scope, v4,
                            hasLent: translator.lentCount > 0)
                    }
                }
            }
        }
    }
}
