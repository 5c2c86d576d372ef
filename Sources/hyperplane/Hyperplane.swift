// The command `hyperplane`: noun, then verb. This file holds the root of the command tree and the
// one place where an error becomes a text on standard error and an exit status.

import ArgumentParser
import ControlClient
import Foundation

@main
struct Hyperplane: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "hyperplane",
            abstract: "Register NAT gateways and load balancers with a cluster, and look into it.",
            discussion: """
                Names are accepted wherever identifiers are. Exit status: 0 done, 1 refused by \
                the service, 2 wrong usage, 3 not reachable, 4 not found.
                """,
            groupedSubcommands: [
                CommandGroup(
                    name: "Cluster",
                    subcommands: [
                        StatusCommand.self, ClusterCommands.self, NodeCommands.self,
                        HostCommands.self, EdgeCommands.self, ConfigCommands.self,
                        HistoryCommands.self,
                    ]),
                CommandGroup(
                    name: "Tenant",
                    subcommands: [
                        TenantCommands.self, VPCCommands.self, EIPCommands.self,
                        NATGatewayCommands.self, LoadBalancerCommands.self, ListenerCommands.self,
                        TargetGroupCommands.self, TargetCommands.self,
                    ]),
                CommandGroup(
                    name: "Traffic",
                    subcommands: [FlowCommands.self, TopCommands.self, ExplainCommand.self]),
                CommandGroup(
                    name: "Development", subcommands: [SimulateCommand.self]),
                CommandGroup(
                    name: "Command line", subcommands: [ContextCommands.self, VersionCommand.self]),
            ])
    }

    // Taken here, the options may stand before the noun too; the commands share the value.
    @OptionGroup var options: GlobalOptions

    static func main() async {
        let status: ExitStatus
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            status = .ok
        } catch {
            status = report(error)
        }
        Glibc.exit(status.rawValue)
    }

    private static func report(_ error: any Error) -> ExitStatus {
        if let failure = error as? Failure {
            StandardError.write(failure.text)
            return failure.status
        }
        let code = exitCode(for: error)
        let message = fullMessage(for: error)
        if code.isSuccess {
            if !message.isEmpty { print(message) }
            return .ok
        }
        StandardError.write(message)
        return code == .validationFailure ? .usage : .refused
    }
}
