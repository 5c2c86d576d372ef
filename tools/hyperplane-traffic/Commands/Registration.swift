// `registration`: from registering a target to its first flow, and from draining it to its last.

import ArgumentParser
import Configuration
import ControlClient
import LinuxIO
import Traffic
import Wire

struct Registration: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Register targets and drain them, and measure how soon nodes act by it.",
        discussion: """
            Opens new flows through one load balancer without a pause. Meanwhile it registers a \
            target with the group of the first listener, waits until every node has given it a \
            flow, drains it, and goes on with the next; what is drained is deregistered one change \
            later. Passes if all of it is in force within the limit at p99.

            Example: hyperplane-traffic registration --load-balancer web --changes 100
            """)

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var capture: CaptureOptions

    @Option(help: "Targets to register, each after the other.")
    var changes = 100

    @Option(
        help: ArgumentHelp(
            "Their addresses count up from this one, in the target group's VPC.",
            valueName: "address:port"))
    var targets = "10.0.8.20:8080"

    @Option(help: "New flows opened in a second.")
    var rate = 1000.0

    @Option(help: ArgumentHelp("What p99 must be below.", valueName: "milliseconds"))
    var limit = 2000.0

    @Option(
        name: [.customLong("profile"), .customLong("preset")],
        help: ArgumentHelp("A preset or profile file.", valueName: "name-or-file"))
    var profile = "short-lived"

    @Option(help: "Repeats the run with this seed.")
    var seed: UInt64?

    func validate() throws {
        guard (1...10_000).contains(changes), (1...100_000).contains(rate), limit > 0 else {
            throw ValidationError("--changes must be 1 to 10000, --rate 1 to 100000.")
        }
        guard firstTarget != nil else {
            throw ValidationError("--targets wants an IPv4 ADDRESS:PORT, not '\(targets)'.")
        }
        guard cluster.snapshot == nil else {
            throw ValidationError("registration wants a placement service, not a --snapshot.")
        }
    }

    private var firstTarget: (address: IPv4Address, port: UInt16)? {
        let halves = targets.split(separator: ":")
        guard halves.count == 2, let address = IPv4Address(String(halves[0])),
            let port = UInt16(halves[1])
        else { return nil }
        return (address, port)
    }

    mutating func run() async throws {
        try output.check()
        let source = try await cluster.source()
        guard source.topology.services.count == 1,
            let balancer = source.topology.services.first, balancer.kind == .loadBalancer
        else {
            throw RunFailure("registration wants exactly one load balancer; name it")
        }
        // Ten seconds a change are more than any takes; the run ends when the changes do.
        let seconds = Double(changes) * 10
        var plan = RunPlan(
            profile: try ProfileFile.find(profile), flows: Int(seconds * rate), seconds: seconds,
            seed: seed ?? RandomSource.uint64() >> 32)
        plan.profile.arrivals = .uniform
        let script = try await script(balancer)
        var loop = try TrafficLoop.make(
            plan, source, display: LiveDisplay(isQuiet: output.quiet), pcap: capture.pcap)
        var report = try loop.register(script)
        await report.addCounters(of: source.topology)
        try ReportOutput(report, output).deliver()
    }

    private func script(_ balancer: Service) async throws -> RegistrationScript {
        guard let firstTarget else { throw RunFailure("no target") }
        let placement = cluster.placement
        let control = try ControlClient(url: placement, actor: "hyperplane-traffic")
        let id = Identifier(.loadBalancer, balancer.id.rawValue)
        let listeners = try await control.list(
            API.Listener.self, where: ["loadBalancer": id.description])
        guard let group = listeners.first?.targetGroup else {
            throw RunFailure("the load balancer has no listener")
        }
        let targets = (0..<UInt32(changes)).map {
            (
                address: IPv4Address(rawValue: firstTarget.address.rawValue + $0),
                port: Port(firstTarget.port)
            )
        }
        return RegistrationScript(
            targets: targets, limitMilliseconds: limit,
            register: { number in
                let target = targets[number]
                return try await control.create(
                    API.Target.self,
                    .init(
                        targetGroup: group, address: target.address.description,
                        port: Int(target.port.rawValue))
                ).id
            },
            drain: { _ = try await control.drainTarget($0) },
            deregister: { try await control.delete(API.Target.self, $0) })
    }
}
