// Where a fragment goes before its ports are known: to the collector of its datagram.

import Steering
public import Wire

extension ResourceTable {
    /// Finds the resource, the direction and the collector's bucket of a fragment. Whether it may
    /// be sent at all is asked again when its ports are known.
    public func placeFragment(
        _ overlay: OverlayHeader, _ summary: PacketSummary, sender: Sender
    ) throws(ClassifyError) -> Placement {
        guard let slot = slot(of: overlay.resource) else {
            try checkNetwork(overlay, sender)
            throw .drop(.unknownResource)
        }
        try checkNetwork(overlay, sender)
        do {
            try Self.checkKind(summary)
            try checkOwner(slot, overlay)
        } catch {
            throw blamed(error, slot, overlay.vni)
        }
        let tuple = summary.tuple
        return Placement(
            resource: slot,
            direction: overlay.marks.contains(.inbound) ? .inbound : .outbound,
            bucket: resources[slot].buckets.collector(
                vni: overlay.vni, source: tuple.source, destination: tuple.destination,
                ipProtocol: tuple.ipProtocol, identification: summary.identification))
    }

    /// Nobody fills another tenant's share of the collector.
    private func checkOwner(_ slot: Int, _ overlay: OverlayHeader) throws(ClassifyError) {
        guard overlay.vni != .outside else { return }
        guard vpc(overlay.vni)?.tenant == resources[slot].tenant else {
            throw .drop(.resourceOfAnotherVPC)
        }
    }
}

extension PacketSummary {
    /// An echo or its like, whole or in fragments.
    var isICMPQuery: Bool {
        kind == .icmpQuery
            || kind == .fragment && (tuple.ipProtocol == .icmp || tuple.ipProtocol == .icmpv6)
    }

    /// False for an answer of ICMP. Of a fragment the ports tell: a request's identifier stands in
    /// its source port.
    var isRequestOrNoICMP: Bool {
        guard isICMPQuery else { return true }
        guard kind == .fragment else { return ICMPType.classify(icmpType) == .request }
        return tuple.destinationPort.rawValue == 0
    }

    /// A segment's header is there: whole, or in a first fragment.
    var hasSegment: Bool { kind == .tcp || isFirstFragment && tuple.ipProtocol == .tcp }

    /// All but later fragments, which follow another packet.
    var mayBeFirst: Bool { kind != .fragment || isFirstFragment }
}
