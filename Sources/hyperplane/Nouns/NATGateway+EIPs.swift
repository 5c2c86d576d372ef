// `hyperplane nat-gateway add-eip` and `drain-eip`.

import ArgumentParser
import ControlClient

extension NATGatewayCommands {
    struct AddEIP: ChangingCommand {
        static let configuration = CommandConfiguration(
            commandName: "add-eip", abstract: "Let a NAT gateway translate to one more address.")

        @Argument(help: "Name or id of the NAT gateway.")
        var name: String

        @Argument(help: "Name, address or id of a free EIP.")
        var eip: String

        @OptionGroup var because: ReasonOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let gateway = try await session.find(API.NATGateway.self, name)
            let eip = try await session.eip(eip, of: gateway.tenant)
            let changed = try await session.ask { client throws(ControlError) in
                try await client.addEIP(eip.id, to: gateway.id)
            }
            try await session.printer.show(changed) { _ in
                ["Added \(eip.title) to \(gateway.title)."]
            }
        }
    }

    struct DrainEIP: ChangingCommand {
        static let configuration = CommandConfiguration(
            commandName: "drain-eip",
            abstract: "Give an address of a NAT gateway up, once its flows are over.",
            discussion: "It keeps its flows, begins none, and is released when they have ended.")

        @Argument(help: "Name or id of the NAT gateway.")
        var name: String

        @Argument(help: "Name, address or id of one of its EIPs.")
        var eip: String

        @Option(
            help: ArgumentHelp(
                "Flows end after so long, 0 to 86400. Default: 350.", valueName: "seconds"),
            transform: { try NumberArgument.number($0, in: 0...86_400, called: "a drain time") })
        var maxDrain: Int?

        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var because: ReasonOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let gateway = try await session.find(API.NATGateway.self, name)
            let eip = try await session.eip(eip, of: gateway.tenant)
            guard gateway.eips.contains(where: { $0.id == eip.id }) else {
                throw Failure(
                    .notFound, "\(gateway.title) has no \(eip.title)",
                    advice: ["It has: \(gateway.eips.map(\.address).joined(separator: ", "))"])
            }
            try session.confirm("Drain \(eip.title) of \(gateway.title)?", unless: confirmation)
            let changed = try await session.ask { client throws(ControlError) in
                try await client.drainEIP(eip.id, of: gateway.id, maxDrainSeconds: maxDrain)
            }
            try await session.printer.show(changed) { _ in
                let state = changed.eips.first { $0.id == eip.id }?.state.rawValue ?? "released"
                return ["\(eip.title) of \(gateway.title) is \(state)."]
            }
        }
    }
}

extension Session {
    /// An EIP of a tenant, by name, address or id.
    func eip(_ text: String, of tenant: Identifier) async throws -> API.EIP {
        try await find(API.EIP.self, text, where: ["tenant": tenant.description])
    }
}
