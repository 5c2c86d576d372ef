// The routes that are not alike for every noun: actions on EIPs and targets, and the registration
// of nodes.

import ControlClient

extension RouteTable {
    static let actionRoutes: [Route] = [
        Route(
            method: "PUT", pattern: "/v1/nodes/{id}",
            summary: "Register a node under the identifier that it holds"
        ) { call, service throws(Problem) in
            let id = try call.identifier(noun: API.Node.noun)
            let creation = try call.decodeBody(API.Node.Creation.self)
            return try await change(API.Node.self, id, call, service) {
                registry, occasion throws(Problem) in
                try API.Node.register(id, creation, in: &registry, on: &occasion)
            }
        },
        Route(
            method: "POST", pattern: "/v1/nat-gateways/{id}/eips",
            summary: "Give a NAT gateway another EIP"
        ) { call, service throws(Problem) in
            let id = try call.identifier(noun: API.NATGateway.noun)
            let addition = try call.decodeBody(API.NATGateway.EIPAddition.self)
            return try await change(API.NATGateway.self, id, call, service) {
                registry, _ throws(Problem) in
                try API.NATGateway.addEIP(addition, to: id, in: &registry)
            }
        },
        Route(
            method: "POST", pattern: "/v1/nat-gateways/{id}/eips/{eip}/drain",
            summary: "Let an EIP of a NAT gateway begin no new flow, and take it off in the end"
        ) { call, service throws(Problem) in
            let id = try call.identifier(noun: API.NATGateway.noun)
            let eip = try call.identifier("eip", noun: API.EIP.noun)
            let drain = try call.decodeBody(API.NATGateway.EIPDrain.self)
            return try await change(API.NATGateway.self, id, call, service) {
                registry, occasion throws(Problem) in
                try API.NATGateway.drainEIP(eip, of: id, drain, in: &registry, on: occasion)
            }
        },
        Route(
            method: "POST", pattern: "/v1/targets/{id}/drain",
            summary: "Let a target keep its flows and get no new one"
        ) { call, service throws(Problem) in
            let id = try call.identifier(noun: API.Target.noun)
            return try await change(API.Target.self, id, call, service) {
                registry, _ throws(Problem) in try API.Target.drain(id, in: &registry)
            }
        },
    ]

    /// A noun's settings, changed in place. What a change says may be said again without harm, so
    /// that it takes no idempotency key.
    static func changeRoute<R: SettableResource>(_ type: R.Type) -> Route {
        Route(
            method: "PATCH", pattern: "/v1/\(R.collection)/{id}",
            summary: "Change the settings of a \(R.noun)"
        ) { call, service throws(Problem) in
            let id = try call.identifier(noun: R.noun)
            let settings = try call.decodeBody(R.Settings.self)
            return try await change(R.self, id, call, service) {
                registry, _ throws(Problem) in
                try R.change(id, settings, in: &registry)
            }
        }
    }

    /// Makes a change and answers with the thing as it is then.
    private static func change<R: ServedResource>(
        _ type: R.Type, _ id: Identifier, _ call: Call, _ service: ControlService,
        _ body: @escaping @Sendable (inout Registry, inout Occasion) throws(Problem) -> Void
    ) async throws(Problem) -> Answer {
        let token = call.method == "POST" ? try call.token() : nil
        let outcome = try await service.change(by: call.caller, token: token) {
            registry, occasion throws(Problem) in
            try body(&registry, &occasion)
            return { registry throws(Problem) in
                Outcome(status: 200, body: JSON.encode(try R.show(id, in: registry)))
            }
        }
        return Answer(outcome)
    }
}
