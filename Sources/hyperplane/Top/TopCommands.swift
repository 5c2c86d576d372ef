// `hyperplane top`: what uses most of what is limited, asked of the nodes.

import ArgumentParser
import ControlClient
import Foundation

struct TopCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "What uses most.", subcommands: [Ports.self])

    struct Ports: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ports of NAT gateways in use, by destination, client or EIP.",
            discussion: """
                The share is of the ports that a gateway's EIPs have toward one destination. From \
                80 % on a warning goes to standard error. Flows that were refused lately are \
                listed below.
                """)

        @Option(help: "Add up by destination, by client or by eip.")
        var by = PortGroupingArgument.destination

        @Option(help: "Only of this NAT gateway, by name or id.")
        var natGateway: String?

        @Option(help: "At most so many. Default: 20.", transform: NumberArgument.limit)
        var limit: Int?

        @Flag(help: "Again every two seconds, until interrupted.")
        var watch = false

        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let query = try await filters(session)
            guard watch else { return try await show(session, query) }
            while true {
                if session.printer.format == .table, session.printer.terminal.isColoured {
                    // ECMA-48 §8.3.21 CUP, §8.3.39 ED: from the top, of an empty screen.
                    print("\u{1B}[H\u{1B}[2J", terminator: "")
                }
                do {
                    try await show(session, query)
                } catch let failure as Failure where failure.status == .unreachable {
                    StandardError.warn(failure.message)
                }
                try await Task.sleep(for: .seconds(2))
                if session.printer.format == .table { print() }
            }
        }

        private func show(_ session: Session, _ query: [URLQueryItem]) async throws {
            let answers = await session.askNodes(try await session.list(API.Node.self, where: [:]))
            {
                try await $0.get("/v1/ports", query, as: NodeAPI.PortAnswer.self)
            }
            if answers.allSatisfy({ $0.value == nil }) { try session.requireAll(answers) }
            let top = PortTop(
                answers.compactMap(\.value), by: by.grouping, limit: limit ?? 20)
            let names = try await session.nameBook([
                API.Tenant.self, API.NATGateway.self, API.LoadBalancer.self,
            ])
            func name(_ id: String) -> String { Identifier(id).map { names[$0] } ?? id }
            try await session.printer.show(top) { printer in
                let refused = top.refusalLines(
                    name, width: printer.terminal.width, coloured: printer.terminal.isColoured)
                return printer.lines(of: top.table(name)) + (refused.isEmpty ? [] : [""] + refused)
            }
            for warning in top.warnings(name) { StandardError.warn(warning) }
            try session.requireAll(answers)
        }

        private func filters(_ session: Session) async throws -> [URLQueryItem] {
            // More than are shown: what is great in the cluster need not be at each node.
            let wanted = min(100_000, max(1000, 8 * (limit ?? 20)))
            var query = [
                URLQueryItem(name: "by", value: by.rawValue),
                URLQueryItem(name: "limit", value: "\(wanted)"),
            ]
            if let tenant = try await session.chosenTenant() {
                query.append(URLQueryItem(name: "tenant", value: tenant.description))
            }
            if let natGateway {
                let gateway = try await session.find(API.NATGateway.self, natGateway)
                query.append(URLQueryItem(name: "natGateway", value: gateway.id.description))
            }
            return query
        }
    }
}

/// `--by`.
enum PortGroupingArgument: String, CaseIterable, ExpressibleByArgument {
    case destination, client, eip

    var grouping: NodeAPI.PortGrouping {
        switch self {
        case .destination: .destination
        case .client: .client
        case .eip: .eip
        }
    }
}
