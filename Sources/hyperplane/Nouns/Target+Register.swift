// `hyperplane target register` and `drain`.

import ArgumentParser
import ControlClient
import Wire

extension TargetCommands {
    struct Register: CreatingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register targets with a target group.", aliases: ["create"])

        @Argument(
            help: "ADDRESS:PORT, such as 10.0.8.1:80; more may follow.",
            transform: SocketAddress.init(argument:))
        var targets: [SocketAddress]

        @Option(help: "Name or id.")
        var targetGroup: String

        @Option(
            help: "Share of new flows, 0 to 999; 0 gets none. Default: 100.",
            transform: NumberArgument.weight)
        var weight: UInt16?

        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let group = try await session.find(API.TargetGroup.self, targetGroup)
            var made: [API.Target] = []
            for (index, target) in targets.enumerated() {
                let creation = API.Target.Creation(
                    targetGroup: group.id, address: target.address.description,
                    port: Int(target.port), weight: weight.map(Int.init))
                let key = change.key(index, of: targets.count)
                let registered = try await session.ask { client throws(ControlError) in
                    try await client.create(API.Target.self, creation, idempotencyKey: key)
                }
                if session.printer.format == .table {
                    session.printer.write([registered.creationSentence])
                }
                made.append(registered)
            }
            if made.count == 1 {
                try await session.printer.show(made[0]) { _ in [] }
            } else {
                try await session.printer.show(made) { _ in [] }
            }
        }
    }

    struct Set: SettingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a target's weight.",
            discussion: "Of new flows: those that stand keep their targets.")

        @Argument(help: "ADDRESS:PORT or id.")
        var name: String

        @Option(
            help: "Share of new flows, 0 to 999; 0 gets none.",
            transform: NumberArgument.weight)
        var weight: UInt16?

        @OptionGroup var because: ReasonOptions
        @OptionGroup var scope: TargetScope
        @OptionGroup var options: GlobalOptions

        static let nothing = API.Target.Settings()
        func settings() -> API.Target.Settings { .init(weight: weight.map(Int.init)) }

        func run(_ session: Session) async throws {
            let target = try await session.find(
                API.Target.self, name, where: session.filters(API.Target.self, scope))
            try await session.change(target, settings())
        }
    }

    struct Drain: ChangingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a target keep its flows and give it no new one.",
            discussion: "With --undo it takes new flows again.")

        @Argument(help: "ADDRESS:PORT or id.")
        var name: String

        @Flag(help: "Take the draining back.")
        var undo = false

        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var because: ReasonOptions
        @OptionGroup var scope: TargetScope
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let target = try await session.find(
                API.Target.self, name, where: session.filters(API.Target.self, scope))
            guard !undo else {
                return try await session.change(target, .init(isDraining: false))
            }
            try session.confirm("Drain \(target.title)?", unless: confirmation)
            let changed = try await session.ask { client throws(ControlError) in
                try await client.drainTarget(target.id)
            }
            try await session.printer.show(changed) { _ in
                ["\(changed.title.capitalizedFirst) is \(changed.state)\(changed.becauseClause)."]
            }
        }
    }
}
