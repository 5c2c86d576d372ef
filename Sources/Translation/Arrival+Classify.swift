// From an encapsulated packet to an `Arrival`, or to the reason why it is none. Nothing here looks
// at flow state, so routers' and edges' mistakes cost no memory access beyond the configuration.

import Configuration
import Steering
public import Wire

/// Why a packet was not classified.
public struct ClassifyError: Error, Sendable {
    public let cause: DropCause
    /// Slot of the resource that the drop counts for: one of the tenant whose packet it is, so
    /// that nobody's mistakes show in another's counters.
    public internal(set) var resource: Int?

    static func drop(_ cause: DropCause) -> ClassifyError { ClassifyError(cause: cause) }
}

extension ResourceTable {
    /// Finds the resource, direction and bucket of a packet whose first sender is known.
    public func classify(
        _ overlay: OverlayHeader, _ summary: PacketSummary, sender: Sender
    ) throws(ClassifyError) -> Placement {
        guard let slot = slot(of: overlay.resource) else {
            try checkNetwork(overlay, sender)
            throw .drop(.unknownResource)
        }
        // Nearly always the packet is of the resource's own network.
        if sender != .host || overlay.vni != resources[slot].vni || !resources[slot].isLive {
            try checkNetwork(overlay, sender)
        }
        do {
            return try classify(slot, overlay, summary)
        } catch {
            throw blamed(error, slot, overlay.vni)
        }
    }

    func blamed(_ error: ClassifyError, _ slot: Int, _ network: VNI) -> ClassifyError {
        var error = error
        if network == .outside || vpc(network)?.tenant == resources[slot].tenant {
            error.resource = slot
        }
        return error
    }

    func classify(
        _ slot: Int, _ overlay: OverlayHeader, _ summary: PacketSummary
    ) throws(ClassifyError) -> Placement {
        try Self.checkKind(summary)
        let isInbound = overlay.marks.contains(.inbound)
        return switch resources[slot].kind {
        case .natGateway where isInbound:
            try natInbound(slot, overlay, summary)
        case .natGateway:
            try natOutbound(slot, overlay, summary)
        case .loadBalancer where isInbound:
            try balancerInbound(slot, overlay, summary)
        case .loadBalancer:
            try balancerOutbound(slot, overlay, summary)
        }
    }

    /// A host speaks for its VPCs, an edge for the outside; neither for the other.
    func checkNetwork(_ overlay: OverlayHeader, _ sender: Sender) throws(ClassifyError) {
        switch sender {
        case .host:
            guard vpc(overlay.vni) != nil else { throw .drop(.unknownVNI) }
        case .edge:
            guard overlay.vni == .outside else { throw .drop(.unknownVNI) }
        case .node:
            guard overlay.vni == .outside || vpc(overlay.vni) != nil else {
                throw .drop(.unknownVNI)
            }
        }
    }

    static func checkKind(_ summary: PacketSummary) throws(ClassifyError) {
        switch summary.kind {
        case .tcp, .udp, .icmpQuery, .icmpError: break
        case .fragment:
            let isOfOurs = [.tcp, .udp, .icmp, .icmpv6].contains(summary.tuple.ipProtocol)
            guard isOfOurs else { throw .drop(.unsupportedProtocol) }
        case .other: throw .drop(.unsupportedProtocol)
        }
    }

    func natOutbound(
        _ slot: Int, _ overlay: OverlayHeader, _ summary: PacketSummary
    ) throws(ClassifyError) -> Placement {
        guard overlay.vni == resources[slot].vni else { throw .drop(.resourceOfAnotherVPC) }
        guard overlay.eni != .none else { throw .drop(.sourceENIMissing) }
        guard summary.isIPv4 else { throw .drop(.unsupportedFamily) }
        // RFC 5508 §3.1 REQ-1: only queries go out; no query from outside is let in that an answer
        // could belong to.
        guard summary.isRequestOrNoICMP else { throw .drop(.answerToNothing) }
        guard resources[slot].inside?.contains(summary.tuple.source) == true else {
            throw .drop(.sourceOutsideVPC)
        }
        return Placement(
            resource: slot, direction: .outbound,
            bucket: resources[slot].buckets.natOutbound(summary.tuple))
    }

    func natInbound(
        _ slot: Int, _ overlay: OverlayHeader, _ summary: PacketSummary
    ) throws(ClassifyError) -> Placement {
        guard overlay.vni == .outside else { throw .drop(.resourceOfAnotherVPC) }
        guard summary.isIPv4 else { throw .drop(.unsupportedFamily) }
        guard var bucket = portSets.bucket(of: summary.tuple.destinationPort) else {
            throw .drop(.portOutOfRange)
        }
        // The port's own bucket has lent it to this one.
        if overlay.marks.leg == .overLoan, overlay.origin != nil,
            Int(overlay.bucket.rawValue) < portSets.bucketCount
        {
            bucket = overlay.bucket
        }
        return Placement(
            resource: slot, direction: .inbound, bucket: bucket)
    }

    func balancerOutbound(
        _ slot: Int, _ overlay: OverlayHeader, _ summary: PacketSummary
    ) throws(ClassifyError) -> Placement {
        let clientOutside = overlay.vni == .outside
        guard clientOutside || overlay.vni == resources[slot].vni else {
            throw .drop(.resourceOfAnotherVPC)
        }
        guard clientOutside || overlay.eni != .none else { throw .drop(.sourceENIMissing) }
        guard !summary.isICMPQuery else { throw .drop(.unsupportedProtocol) }
        let address =
            clientOutside
            ? resources[slot].publicAddress.map(IPAddress.v4) : resources[slot].address
        guard summary.tuple.destination == address else { throw .drop(.addressOfNoResource) }
        let tuple = summary.tuple
        let bucket = balancerBucket(
            slot, tuple.ipProtocol, overlay.vni, tuple.source, tuple.sourcePort)
        return Placement(
            resource: slot, direction: .outbound, bucket: bucket)
    }

    /// The way back from a target. The bucket is the one that its router kept for the flow.
    func balancerInbound(
        _ slot: Int, _ overlay: OverlayHeader, _ summary: PacketSummary
    ) throws(ClassifyError) -> Placement {
        guard let listener = listener(of: slot, index: overlay.listener),
            overlay.vni == listeners[listener].targetVNI
        else { throw .drop(.unknownListener) }
        guard !summary.isICMPQuery else { throw .drop(.unsupportedProtocol) }
        guard Int(overlay.bucket.rawValue) < portSets.bucketCount else {
            throw .drop(.unknownFlow)
        }
        return Placement(
            resource: slot, direction: .inbound,
            bucket: summary.kind == .fragment
                ? balancerBucket(slot, overlay, summary) : overlay.bucket)
    }

    /// The bucket of a target's fragments, which came by their datagram's: of the client, or of the
    /// port that stands for it.
    private func balancerBucket(
        _ slot: Int, _ overlay: OverlayHeader, _ summary: PacketSummary
    ) -> BucketIndex {
        let tuple = summary.tuple
        if tuple.destination == resources[slot].address,
            let bucket = portSets.bucket(of: tuple.destinationPort)
        {
            return bucket
        }
        let isInside = resources[slot].inside?.contains(tuple.destination) == true
        return balancerBucket(
            slot, tuple.ipProtocol, isInside ? resources[slot].vni : .outside,
            tuple.destination, tuple.destinationPort)
    }

    /// The listener of a load balancer with this number.
    public func listener(of slot: Int, index: UInt16) -> Int? {
        resources[slot].parts.first { listeners[$0].entry.index == index }
    }
}
