// Beginning flows, when their time has come.

import Steering
import Wire

extension TrafficEngine {
    /// Begins one flow. False if no slot is free: then it begins as soon as one is, late.
    mutating func open(intended: Tick, _ now: Tick, _ pool: inout FramePool) -> Bool {
        guard let number = takeNumber(now) else { return false }
        let draft = workload.flow(number)
        let slot = slot(of: number)
        var record = makeRecord(draft, opened: intended)
        let key = record.clientKey(workload.networks[workload.streams[draft.stream].network].vni)
        guard clients.insertIfAbsent(key, UInt32(slot)) == UInt32(slot) else {
            // The tuple is still in use: all source ports went round. Another number follows.
            return false
        }
        record.phase = .opening
        flows[slot] = record
        if isBystander(slot) {
            flows[slot].track = UInt32(outages.count - 1)
        } else {
            counters.attempted += 1
            resources[service(of: record)].attempted += 1
            exhaustion?.opened(record.bucket)
        }
        liveFlows += 1
        openingFlows += 1
        lastOpened = now
        lastIntended = intended
        sendOpening(slot, now, &pool)
        return true
    }

    /// The next number whose slot is free and, where ports are to run out, whose bucket isn't
    /// full.
    private mutating func takeNumber(_ now: Tick) -> UInt32? {
        for _ in 0..<64 {
            if workload.isHeld(UInt32(slot(of: nextNumber))), faults?.allOpen != nil {
                // Slots of flows that are held till the end: past all of them at once.
                nextNumber = (nextNumber & ~UInt32(flows.count - 1)) + UInt32(workload.plan.flows)
            }
            let number = nextNumber
            nextNumber &+= 1
            if !flows[slot(of: number)].isLive, !isOfFullBucket(number, now) { return number }
        }
        return nil
    }

    private func isOfFullBucket(_ number: UInt32, _ now: Tick) -> Bool {
        guard let exhaustion, !exhaustion.destination.isBystander(number) else { return false }
        let draft = workload.flow(number)
        return !exhaustion.takes(bucket(of: draft, workload.streams[draft.stream]), now)
    }

    /// The record of a flow as it was drawn.
    func makeRecord(_ draft: FlowDraft, opened: Tick) -> FlowRecord {
        let stream = workload.streams[draft.stream]
        let network = workload.networks[stream.network]
        let bucket = bucket(of: draft, stream)
        var record = FlowRecord()
        record.number = draft.number
        record.nonce = draft.nonce
        record.ipProtocol = stream.ipProtocol
        record.stream = UInt16(draft.stream)
        record.bucket = bucket
        record.track = UInt32(stream.service * topology.bucketCount + Int(bucket.rawValue))
        record.instance = UInt32(draft.instance)
        record.home = UInt16(network.home(ofInstance: draft.instance))
        record.client = draft.client
        record.clientPort = draft.clientPort
        record.server = draft.server
        record.serverPort = draft.serverPort
        record.opened = opened
        record.due = opened
        record.lifetimeNanoseconds = draft.lifetimeNanoseconds
        record.tcp.clientNext = draft.nonce
        record.tcp.serverNext = draft.serverSequence
        return record
    }

    /// As the client's router computes it.
    func bucket(of draft: FlowDraft, _ stream: Stream) -> BucketIndex {
        let service = topology.services[stream.service]
        if service.kind == .natGateway {
            return service.hash.natOutbound(
                FlowTuple(
                    ipProtocol: stream.ipProtocol, source: draft.client,
                    sourcePort: draft.clientPort, destination: draft.server,
                    destinationPort: draft.serverPort))
        }
        return service.balancerBucket(
            stream.ipProtocol, clientVNI: workload.networks[stream.network].vni, draft.client,
            draft.clientPort)
    }

    /// How a flow ended.
    enum Outcome {
        case completed
        case refused(Refusal, at: Tick)
        case broken
    }

    /// Ends a live flow: its tuples are free for others.
    mutating func end(_ slot: Int, _ outcome: Outcome) {
        let record = flows[slot]
        guard record.isLive else { return }
        let stream = workload.streams[Int(record.stream)]
        wheel.cancel(UInt32(slot))
        clients.remove(
            record.clientKey(workload.networks[stream.network].vni), UInt32(slot))
        if record.marks.contains(.translated) {
            translations.remove(record.seenKey(seenVNI(stream)), UInt32(slot))
        }
        dropProof(slot)
        flows[slot].phase = .ended
        liveFlows -= 1
        if record.phase == .opening { openingFlows -= 1 }
        if isBystander(slot) {
            if case .broken = outcome { exhaustion?.bystanders.broken += 1 }
            return
        }
        noteEnd(record, outcome)
        switch outcome {
        case .completed: counters.completed += 1
        case .refused(let refusal, let now):
            counters.refused += 1
            counters.ofRefusedFlows += UInt64(record.attempts)
            noteRefusal(record, refusal, now)
        case .broken:
            noteEIPBreak(record)
            if noteTargetBreak(record) { counters.killed += 1 } else { counters.broken += 1 }
        }
    }

    /// The network in which a flow's other end is.
    func seenVNI(_ stream: Stream) -> VNI {
        guard let listener = stream.listener else { return .outside }
        return topology.services[stream.service].listeners[listener].targetVNI
    }
}

extension FlowDraft {
    /// The server's initial TCP sequence number; the client's is the nonce.
    var serverSequence: UInt32 { UInt32(truncatingIfNeeded: Mix.scatter(UInt64(nonce))) }
}
