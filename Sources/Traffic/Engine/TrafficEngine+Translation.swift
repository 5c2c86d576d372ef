// The checks on translations: of whom they are, that no two live flows share one, and that none
// changes while its flow lives.

import Steering
import Wire

extension TrafficEngine {
    /// Holds a packet, as its server or target sees it, against what the flow had before.
    mutating func noteTranslation(_ arrival: Arrival, _ slot: Int, _ stream: Stream) {
        let received = arrival.received
        let record = flows[slot]
        if record.marks.contains(.translated) {
            noteChange(received, slot, stream)
            return
        }
        flows[slot].seenSource = received.source
        flows[slot].seenSourcePort = received.sourcePort
        flows[slot].seenDestination = received.destination
        flows[slot].seenDestinationPort = received.destinationPort
        checkOwnership(received, slot, stream)
        let owner = translations.insertIfAbsent(
            flows[slot].seenKey(seenVNI(stream)), UInt32(slot))
        if owner == UInt32(slot) {
            flows[slot].marks.insert(.translated)
            if stream.listener == nil {
                noteEIP(slot, arrival.now)
            } else {
                noteTarget(slot, arrival)
            }
        } else if flows[slot].marks.insert(.duplicated).inserted {
            // Invariant 1: no two live flows share a translation.
            counters.duplicateTranslations += 1
        }
    }

    /// Invariant 2: translation and target never change while the flow lives.
    private mutating func noteChange(_ received: Received, _ slot: Int, _ stream: Stream) {
        let record = flows[slot]
        let isSameTarget =
            received.destination == record.seenDestination
            && received.destinationPort == record.seenDestinationPort
        let isSameSource =
            received.source == record.seenSource && received.sourcePort == record.seenSourcePort
        guard !isSameTarget || !isSameSource, flows[slot].marks.insert(.changed).inserted else {
            return
        }
        if isSameTarget {
            counters.changedTranslation += 1
        } else {
            counters.changedTarget += 1
            noteTargetChange(slot)
        }
    }

    /// The source that the cluster gave the flow is the resource's to give.
    private mutating func checkOwnership(_ received: Received, _ slot: Int, _ stream: Stream) {
        let record = flows[slot]
        let service = topology.services[stream.service]
        if let listenerIndex = stream.listener {
            let listener = service.listeners[listenerIndex]
            let isClient =
                received.source == record.client && received.sourcePort == record.clientPort
            let isBalancer =
                received.source == service.address && portIsOfBucket(received, slot)
            if listener.preservesClientAddress ? !isClient : !isBalancer { noteWrong(slot) }
        } else if !service.owns(received.source) || !portIsOfBucket(received, slot) {
            noteWrong(slot)
        }
    }

    /// A port of any other bucket's port set is on loan: legal, and counted.
    private mutating func portIsOfBucket(_ received: Received, _ slot: Int) -> Bool {
        guard let bucket = topology.portSets.bucket(of: received.sourcePort) else { return false }
        if bucket != flows[slot].bucket, flows[slot].marks.insert(.borrowed).inserted {
            counters.borrowedPorts += 1
        }
        return true
    }

    private mutating func noteWrong(_ slot: Int) {
        if flows[slot].marks.insert(.mistranslated).inserted { counters.wrongTranslation += 1 }
    }
}
