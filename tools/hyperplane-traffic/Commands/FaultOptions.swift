// What `hold` does to nodes, and the load that it judges them by.

import ArgumentParser
import Traffic

struct FaultOptions: ParsableArguments {
    @Flag(
        help: """
            Hold the flows as under faults: with --packet-rate requests and --new-rate new flows a \
            second, and judged by the outage of every bucket. Implied by the options below.
            """)
    var underFaults = false

    @Option(
        help: ArgumentHelp(
            "Kill this node's process (-9) while the flows are held; may be repeated.",
            valueName: "node=process-id"))
    var killNode: [String] = []

    @Option(
        help: ArgumentHelp(
            "Stop this node's process, and let it go on after --pause-seconds; may be repeated.",
            valueName: "node=process-id"))
    var pauseNode: [String] = []

    @Option(help: "How long a paused process stands still.")
    var pauseSeconds = 10.0

    @Option(
        help: ArgumentHelp(
            "The first fault, and --during, so long after all flows are open.",
            valueName: "seconds"))
    var faultAfter = 4.0

    @Option(help: "Seconds from one fault to the next.")
    var faultGap = 1.0

    @Option(
        help: ArgumentHelp("The longest outage that a bucket may have.", valueName: "ms"))
    var outageLimit = 200.0

    @Option(help: "Requests a second of all flows that are held together.")
    var packetRate = 22_000.0

    @Option(help: "New flows a second while they are held.")
    var newRate = 2000.0

    var isWanted: Bool { underFaults || !killNode.isEmpty || !pauseNode.isEmpty }

    func validate() throws {
        guard pauseSeconds >= 0.01, faultAfter >= 0, faultGap >= 0 else {
            throw ValidationError("--pause-seconds, --fault-after and --fault-gap are times.")
        }
        guard (1...10_000_000).contains(packetRate), (1...1_000_000).contains(newRate) else {
            throw ValidationError("--packet-rate and --new-rate must be positive.")
        }
        guard killNode.count + pauseNode.count <= 8 else {
            throw ValidationError("At most eight nodes can be killed and paused in one run.")
        }
    }

    func schedule(_ command: String?) throws -> FaultSchedule {
        let kills = try killNode.map { try NodeFault(.kill, $0) }
        let pauses = try pauseNode.map { try NodeFault(.pause(seconds: pauseSeconds), $0) }
        return FaultSchedule(
            kills + pauses, after: faultAfter, gap: faultGap, command: command)
    }
}
