// Invariant 5: no packet crosses from one tenant to another, and none with an inner source address
// leaves by the outside face.

import Configuration
import Wire

/// Looks at the encapsulation and the addresses of all that leaves.
struct TenantIsolation {
    func check(_ departure: Departure, in run: Simulation) -> String? {
        let overlay = departure.packet.overlay
        guard let service = run.world.services.first(where: { $0.id == overlay.resource }) else {
            return "a packet of no resource: \(departure.packet.summary.tuple)"
        }
        if let flow = departure.packet.flow, flow < run.flows.count {
            let truth = run.world.services[run.flows[flow].service]
            guard truth.id == service.id else {
                return "a packet of tenant \(truth.tenant) left as one of tenant \(service.tenant)"
            }
        }
        return run.world.edges.contains(departure.machine)
            ? checkOutside(departure, service, in: run)
            : checkInside(departure, service, in: run)
    }

    private func checkOutside(
        _ departure: Departure, _ service: Service, in run: Simulation
    ) -> String? {
        let source = departure.packet.summary.tuple.source
        guard departure.packet.overlay.vni == .outside else {
            return "a packet with a VPC's VNI left by an edge"
        }
        guard case .v4(let address) = source, let owner = run.control.owner(of: address) else {
            return "\(source) is no public address, and left by an edge"
        }
        guard owner == service.id else {
            return "tenant \(service.tenant)'s packet left with \(source), which it doesn't own"
        }
        return nil
    }

    private func checkInside(
        _ departure: Departure, _ service: Service, in run: Simulation
    ) -> String? {
        let overlay = departure.packet.overlay
        guard overlay.vni == service.vni else {
            return "tenant \(service.tenant)'s packet left with VNI \(overlay.vni.rawValue)"
        }
        // A target that was never heard from is found by its host's router.
        guard overlay.eni != .none else { return nil }
        guard
            let owner = run.world.instances.first(where: { $0.eni == overlay.eni }),
            owner.tenant == service.tenant
        else { return "a packet left for an interface that isn't tenant \(service.tenant)'s" }
        guard owner.address == departure.packet.summary.tuple.destination else {
            return "a packet for \(departure.packet.summary.tuple.destination) left for the "
                + "interface of \(owner.address)"
        }
        return nil
    }
}
