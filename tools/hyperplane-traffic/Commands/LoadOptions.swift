// How much traffic of which kind.

import ArgumentParser
import LinuxIO
import Traffic

struct LoadOptions: ParsableArguments {
    @Option(help: "Flows opened in the run. (default: 20000; of cases, eight each)")
    var flows: Int?

    @Option(help: "Seconds in which they are opened.")
    var seconds = 10.0

    @Option(
        name: [.customLong("profile"), .customLong("preset")],
        help: ArgumentHelp(
            "A preset's name (see 'hyperplane-traffic presets') or a profile file in YAML.",
            valueName: "name-or-file"))
    var profile = "udp"

    @Option(help: "Repeats the run with this seed. By default it is random, and reported.")
    var seed: UInt64?

    func validate() throws {
        guard (1...500_000_000).contains(flows ?? 1) else {
            throw ValidationError("--flows must be 1 to 500000000, not \(flows ?? 0).")
        }
        guard seconds >= 0.1, seconds <= 1_000_000 else {
            throw ValidationError("--seconds must be 0.1 to 1000000, not \(seconds).")
        }
    }

    func plan() throws -> RunPlan {
        RunPlan(
            profile: try ProfileFile.find(profile), flows: flows ?? 20_000, seconds: seconds,
            seed: chosenSeed)
    }

    var chosenSeed: UInt64 { seed ?? RandomSource.uint64() >> 32 }
}
