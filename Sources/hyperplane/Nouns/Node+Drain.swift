// `hyperplane node list`, `drain` and `undrain`: what the nodes themselves are asked.

import ArgumentParser
import ControlClient
import Foundation

extension NodeCommands {
    struct List: SessionCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List nodes, each with what it leads and keeps.")

        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let nodes = try await session.list(API.Node.self, where: [:])
            let answers = await session.askNodes(nodes) {
                try await $0.get("/v1/status", as: NodeAPI.Status.self)
            }
            let standings = answers.map(NodeStanding.init)
            try await session.printer.show(standings) { printer in
                if standings.isEmpty, printer.terminal.width != nil {
                    StandardError.write("There are no nodes.")
                    return []
                }
                var table = Table(NodeStanding.columns)
                for standing in standings { table.append(standing.cells) }
                return printer.lines(of: table)
            }
        }
    }

    struct Drain: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a node hand over all that it leads, before it is stopped.",
            discussion: """
                The node keeps its copies and leads nothing until `undrain`, or until it starts anew. \
                No flow is lost and none waits beyond a round trip. A bucket that nobody else keeps a \
                full copy of stays until somebody does.
                """)

        @Argument(help: "Name or id.")
        var name: String

        @Flag(help: "Return when it leads nothing and every bucket has a full copy elsewhere.")
        var wait = false

        @Option(
            help: ArgumentHelp("How long to wait, at most.", valueName: "seconds"),
            transform: { try NumberArgument.number($0, in: 1...86_400, called: "a time") })
        var timeout = 60

        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let node = try await session.find(API.Node.self, name, where: [:])
            let endpoint = NodeEndpoint(node: node)
            var answer = try await endpoint.post(
                "/v1/drain", Nothing(), as: NodeAPI.DrainAnswer.self)
            if wait { answer = try await drained(endpoint, answer) }
            try await session.printer.show(answer) { _ in
                [node.title.capitalizedFirst + " " + Self.progress(answer)]
            }
        }

        private static func progress(_ answer: NodeAPI.DrainAnswer) -> String {
            if answer.drain == .drained { return "leads nothing." }
            return answer.leads > 0
                ? "hands \(answer.leads) buckets over."
                : "leads nothing, but its copies are needed yet."
        }

        private func drained(
            _ endpoint: NodeEndpoint, _ first: NodeAPI.DrainAnswer
        ) async throws -> NodeAPI.DrainAnswer {
            var answer = first
            let deadline = Date(timeIntervalSinceNow: Double(timeout))
            while answer.drain == .draining {
                guard Date() < deadline else {
                    throw Failure(
                        .refused,
                        answer.leads > 0
                            ? "node '\(endpoint.node.name)' leads \(answer.leads) buckets after "
                                + "\(timeout) s"
                            : "node '\(endpoint.node.name)' leads nothing, but after \(timeout) s "
                                + "some bucket has no full copy elsewhere",
                        advice: [
                            "Others must keep full copies: hyperplane node list",
                            "Let it take its share again: hyperplane node undrain "
                                + endpoint.node.name,
                        ])
                }
                try await Task.sleep(for: .milliseconds(100))
                let status = try await endpoint.get("/v1/status", as: NodeAPI.Status.self)
                answer = NodeAPI.DrainAnswer(
                    drain: status.drain ?? .serving, leads: status.leads ?? 0,
                    isNeeded: status.isNeeded)
            }
            return answer
        }
    }

    struct Undrain: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a node take its share again.")

        @Argument(help: "Name or id.")
        var name: String

        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let node = try await session.find(API.Node.self, name, where: [:])
            let answer = try await NodeEndpoint(node: node).post(
                "/v1/undrain", Nothing(), as: NodeAPI.DrainAnswer.self)
            try await session.printer.show(answer) { _ in
                ["\(node.title.capitalizedFirst) takes its share again."]
            }
        }
    }
}

/// The body of a request that says it all by its path.
private struct Nothing: Encodable {}
