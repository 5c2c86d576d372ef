// What became of the flows of each EIP, and of each resource that is driven.

import Wire

/// The flows that were translated to one EIP.
struct EIPCounts: Sendable {
    let address: IPAddress
    var flows = 0
    var broken = 0
    var first: Tick
    var last: Tick

    func report(since start: Tick) -> EIPReport {
        EIPReport(
            eip: "\(address)", flows: flows, broken: broken,
            firstFlowAfterSeconds: Double(first - start) / 1e9,
            lastFlowAfterSeconds: Double(last - start) / 1e9)
    }
}

extension TrafficEngine {
    /// A flow through a NAT gateway was given its EIP.
    mutating func noteEIP(_ slot: Int, _ now: Tick) {
        let address = flows[slot].seenSource
        if let known = eips.firstIndex(where: { $0.address == address }) {
            eips[known].flows += 1
            eips[known].last = now
        } else {
            eips.append(EIPCounts(address: address, flows: 1, first: now, last: now))
        }
    }

    mutating func noteEIPBreak(_ record: FlowRecord) {
        if let known = eips.firstIndex(where: { $0.address == record.seenSource }) {
            eips[known].broken += 1
        }
    }

    /// The resource that a flow goes through, among those that are driven.
    func service(of record: FlowRecord) -> Int { workload.streams[Int(record.stream)].service }

    /// Counts a flow's end for its resource.
    mutating func noteEnd(_ record: FlowRecord, _ outcome: Outcome) {
        let service = service(of: record)
        switch outcome {
        case .completed: resources[service].completed += 1
        case .refused: resources[service].refused += 1
        case .broken: resources[service].broken += 1
        }
    }

    /// A packet of a flow came out of the cluster.
    mutating func noteReceived(_ header: OverlayHeader) {
        if let service = topology.services.firstIndex(where: { $0.id == header.resource }) {
            resources[service].received += 1
        }
    }

    /// It had come before.
    mutating func noteCopy(_ slot: Int) { resources[service(of: flows[slot])].received -= 1 }

    mutating func noteSent(_ header: OverlayHeader) {
        if let service = topology.services.firstIndex(where: { $0.id == header.resource }) {
            resources[service].sent += 1
        }
    }

    /// The resources, for the report.
    func resourceReports() -> [ResourceReport] {
        resources.map { resource in
            var resource = resource
            resource.lost = resource.sent - min(resource.sent, resource.received)
            return resource
        }
    }
}
