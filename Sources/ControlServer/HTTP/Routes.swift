// The routes of every noun, made alike from what `ServedResource` says of it.

import ControlClient

extension RouteTable {
    /// The whole API.
    package static let control = RouteTable(
        routes: nounRoutes(API.Tenant.self) + nounRoutes(API.Node.self)
            + nounRoutes(API.VPC.self) + nounRoutes(API.Host.self) + nounRoutes(API.Edge.self)
            + nounRoutes(API.EIP.self) + nounRoutes(API.NATGateway.self)
            + nounRoutes(API.LoadBalancer.self) + nounRoutes(API.Listener.self)
            + nounRoutes(API.TargetGroup.self) + nounRoutes(API.Target.self)
            + [
                changeRoute(API.Tenant.self), changeRoute(API.NATGateway.self),
                changeRoute(API.LoadBalancer.self), changeRoute(API.TargetGroup.self),
                changeRoute(API.Target.self), changeRoute(API.Edge.self),
            ] + actionRoutes + clusterRoutes)

    private static func nounRoutes<R: ServedResource>(_ type: R.Type) -> [Route] {
        let path = "/v1/\(R.collection)"
        return [
            Route(method: "GET", pattern: path, summary: "List every \(R.noun)") {
                call, service throws(Problem) in
                .json(try page(of: R.self, call, await service.current))
            },
            Route(method: "POST", pattern: path, summary: "Create a \(R.noun)") {
                call, service throws(Problem) in try await create(R.self, call, service)
            },
            Route(method: "GET", pattern: path + "/{id}", summary: "Show a \(R.noun)") {
                call, service throws(Problem) in
                let id = try call.identifier(noun: R.noun)
                return .json(try R.show(id, in: await service.current))
            },
            Route(method: "DELETE", pattern: path + "/{id}", summary: "Delete a \(R.noun)") {
                call, service throws(Problem) in try await delete(R.self, call, service)
            },
        ]
    }

    private static func page<R: ServedResource>(
        of type: R.Type, _ call: Call, _ registry: Registry
    ) throws(Problem) -> API.Page<R> {
        try call.checkQuery(Array(R.filters.keys) + ["state", "limit", "after"])
        let limit = try call.pageSize()
        var after: UInt64?
        if let text = call.query["after"] {
            guard let id = Identifier(text, as: R.kind) else {
                throw .invalid("after", "after \"\(text)\" is not the `next` of a page")
            }
            after = id.rawValue
        }
        let wanted = R.filters.compactMap { name, value in
            call.query[name].map { (value: value, text: $0) }
        }
        let state = call.query["state"]
        var registry = registry
        registry.noteUsedGroups()
        var items: [R] = []
        for row in registry[keyPath: R.table].sorted {
            if let after, row.id.rawValue <= after { continue }
            guard wanted.allSatisfy({ $0.value(row) == $0.text }) else { continue }
            let item = R.answer(row, in: registry)
            guard state == nil || item.state.rawValue == state else { continue }
            if items.count == limit {
                return API.Page(items: items, next: items[limit - 1].id.description)
            }
            items.append(item)
        }
        return API.Page(items: items)
    }

    private static func create<R: ServedResource>(
        _ type: R.Type, _ call: Call, _ service: ControlService
    ) async throws(Problem) -> Answer {
        let creation = try call.decodeBody(R.Creation.self)
        let outcome = try await service.change(by: call.caller, token: try call.token()) {
            registry, occasion throws(Problem) in
            let id = try R.create(creation, in: &registry, on: &occasion)
            return { registry throws(Problem) in
                Outcome(status: 201, body: JSON.encode(try R.show(id, in: registry)))
            }
        }
        return Answer(outcome)
    }

    private static func delete<R: ServedResource>(
        _ type: R.Type, _ call: Call, _ service: ControlService
    ) async throws(Problem) -> Answer {
        let id = try call.identifier(noun: R.noun)
        let outcome = try await service.change(by: call.caller) {
            registry, occasion throws(Problem) in
            try R.delete(try R.row(id, in: registry), in: &registry, on: occasion)
            return { registry throws(Problem) in
                guard let row = registry[keyPath: R.table][id.rawValue] else {
                    return Outcome(status: 204, body: [])
                }
                return Outcome(status: 202, body: JSON.encode(R.answer(row, in: registry)))
            }
        }
        return Answer(outcome)
    }
}
