// Fragments: gathered by the leader of their datagram's bucket until the first of them says which
// flow they belong to, then each goes its flow's way with that in the encapsulation.

import Configuration
import Steering
import Translation
import Wire

extension Engine {
    /// Takes a fragment of which the ports aren't known, or passes it to its collector.
    mutating func collect(_ received: ReceivedPacket, at now: Tick) {
        let placement: Placement
        do {
            placement = try translator.resources.placeFragment(
                received.overlay, received.summary, sender: received.sender)
        } catch {
            guard let resource = error.resource else {
                return drop(received.packet, DropReason(error.cause))
            }
            return refuse(received.packet, error.cause, of: resource)
        }
        switch owner(of: placement) {
        case .nobodyHere:
            refuse(received.packet, .notServedHere, of: placement.resource)
        case .node(let collector):
            passOn(received, placement, to: collector, leg: .toCollector)
        case .beyondCapacity:
            refuse(received.packet, .groupCapacityExceeded, of: placement.resource)
        case .unsettled:
            wait(received.packet, placement, now)
        case .engine(let engine):
            counters.packetsHandedOver += 1
            handOvers.append(HandOver(engine: engine, packet: received.packet))
        case .thisEngine:
            gather(received, placement, now)
        }
    }

    private mutating func gather(
        _ received: ReceivedPacket, _ placement: Placement, _ now: Tick
    ) {
        counters.fragmentsCollected += 1
        let parked = ParkedFragment(packet: received.packet, resource: placement.resource)
        guard let token = fragmentPark.reserve(parked) else {
            return refuse(received.packet, .fragmentQuota, of: placement.resource)
        }
        let resource = translator.resources.resources[placement.resource]
        let fragment = Fragment(
            received.summary, scope: scope(received, resource.id),
            tenant: min(resource.tenantSlot, collector.capacity.tenants - 1), token: token,
            lane: sharesAddress(resource, placement.direction) ? placement.bucket : nil)
        let verdict = collector.handle(fragment, at: now)
        settle(token, verdict, now)
        releaseFragments(now)
    }

    /// The network that fragments of one datagram come from: a VPC, or what one resource sees of
    /// the outside.
    private func scope(_ received: ReceivedPacket, _ resource: ResourceID) -> UInt64 {
        received.overlay.vni == .outside
            ? 1 << 63 | resource.rawValue : UInt64(received.overlay.vni.rawValue)
    }

    /// Whether datagrams leave by an address that others share, so that their identifications may
    /// meet (RFC 7857 §10).
    private func sharesAddress(_ resource: Resource, _ direction: FlowDirection) -> Bool {
        // Many targets answer by their balancer's one address.
        guard direction == .outbound else { return resource.kind == .loadBalancer }
        let listeners = translator.resources.listeners
        return resource.kind == .natGateway
            || !resource.parts.contains { listeners[$0].preservesClientAddress }
    }

    /// All fragments that wait no more.
    mutating func releaseFragments(_ now: Tick) {
        while let release = collector.poll() { settle(release.token, release.verdict, now) }
    }

    private mutating func settle(_ token: UInt32, _ verdict: FragmentVerdict, _ now: Tick) {
        switch verdict {
        case .wait:
            break
        case .drop(let cause):
            let parked = fragmentPark.give(token)
            refuse(parked.packet, cause, of: parked.resource)
        case .pass(let pass):
            let parked = fragmentPark.give(token)
            do {
                var received = try read(parked.packet)
                received.overlay.fragment = OverlayFragment(
                    sourcePort: pass.ports.source, destinationPort: pass.ports.destination,
                    newIdentification: pass.newIdentification)
                received.summary.tuple.sourcePort = pass.ports.source
                received.summary.tuple.destinationPort = pass.ports.destination
                place(received, at: now)
            } catch {
                // Its sender has left the snapshot meanwhile.
                drop(parked.packet, error.reason)
            }
        }
    }
}

/// A packet that waits in the collector.
struct ParkedFragment {
    var packet: Packet
    var resource: Int
}
