// `hyperplane flow`: the flows that live now, asked of the nodes.

import ArgumentParser
import ControlClient
import Foundation
import Wire

struct FlowCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flow", abstract: "Flows that live now.", subcommands: [List.self])

    struct List: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "List flows, from all nodes or from one.")

        @Option(help: "Only of this NAT gateway or load balancer, by name or id.")
        var resource: String?

        @Option(help: "Only with this address at any place.", transform: AddressArgument.address)
        var address: IPAddress?

        @Option(help: "Only with this port at any place.", transform: NumberArgument.port)
        var port: UInt16?

        @Option(
            help: ArgumentHelp(
                "Only in this state: udp, icmpQuery, tcpOpening, tcpEstablished, "
                    + "tcpClientClosing, tcpTargetClosing, tcpClosing, tcpTransitory or quiet."))
        var state: String?

        @Option(help: "Only of this node, by name or id.")
        var node: String?

        @Option(help: "At most so many. Default: 1000.", transform: NumberArgument.limit)
        var limit: Int?

        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let query = try await filters(session)
            let answers = await session.askNodes(try await nodes(session)) {
                try await $0.get("/v1/flows", query, as: NodeAPI.FlowAnswer.self)
            }
            if answers.allSatisfy({ $0.value == nil }) { try session.requireAll(answers) }
            let flows = answers.flatMap { answer in
                answer.value?.flows.map { LocatedFlow(node: answer.node.name, flow: $0) } ?? []
            }
            let shown = Array(flows.prefix(limit ?? Self.defaultLimit))
            try await session.printer.show(shown) { printer in
                printer.lines(of: FlowTable.table(of: shown, try await Self.names(session)))
            }
            if shown.count < flows.count || answers.contains(where: { $0.value?.truncated == true })
            {
                StandardError.warn("there are more flows; narrow the list down or raise --limit")
            }
            try session.requireAll(answers)
        }

        static let defaultLimit = 1000

        private func filters(_ session: Session) async throws -> [URLQueryItem] {
            var query = [URLQueryItem(name: "limit", value: "\(limit ?? Self.defaultLimit)")]
            func add(_ name: String, _ value: String?) {
                if let value { query.append(URLQueryItem(name: name, value: value)) }
            }
            add("tenant", try await session.chosenTenant()?.description)
            if let resource { add("resource", try await session.resource(resource).description) }
            add("address", address?.description)
            add("port", port.map { "\($0)" })
            add("state", state)
            return query
        }

        private func nodes(_ session: Session) async throws -> [API.Node] {
            if let node { return [try await session.find(API.Node.self, node, where: [:])] }
            return try await session.list(API.Node.self, where: [:])
        }

        private static func names(_ session: Session) async throws -> NameBook {
            try await session.nameBook([API.NATGateway.self, API.LoadBalancer.self])
        }
    }
}

extension Session {
    /// A NAT gateway or load balancer, by name or id.
    func resource(_ text: String) async throws -> Identifier {
        let kinds: [IdentifierKind] = [.natGateway, .loadBalancer]
        if let id = Identifier(text), kinds.contains(id.kind) { return id }
        let filters = try await filters(API.NATGateway.self, TenantScope())
        let gateways = try await list(API.NATGateway.self, where: filters)
        let balancers = try await list(API.LoadBalancer.self, where: filters)
        let all = try await candidates(gateways) + candidates(balancers)
        let words = NounWords("a", "NAT gateway or load balancer", "NAT gateways or load balancers")
        return try Reference(text, .natGateway, words).choose(among: all)
    }

    /// Throws if a node did not answer, after what the others said is printed.
    func requireAll<Value>(_ answers: [NodeAnswer<Value>]) throws {
        let failures = answers.compactMap(\.failure)
        guard let first = failures.first else { return }
        // A question that none understands is the question's fault, not the nodes'.
        if failures.allSatisfy({ $0.status == .refused }) { throw first }
        for failure in failures { StandardError.warn(failure.message) }
        let status = failures.contains { $0.status == .unreachable } ? .unreachable : first.status
        throw Failure(
            status, "\(failures.count) of \(answers.count) nodes gave no answer",
            advice: failures.count < answers.count ? ["What is printed is incomplete."] : [])
    }
}
