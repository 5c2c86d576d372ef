// What is fixed of consensus when a cluster is initialised.

import ArgumentParser

struct ConsensusOptions: ParsableArguments {
    @Option(
        help: """
            Copies of a decision before its packet leaves (default: 3 in a shard of 5 or more, 2 in \
            a smaller one, 1 in a shard of 1).
            """)
    var copies: Int?

    @Option(
        help: ArgumentHelp(
            "How often nodes tell each other that they live (default: 10).", valueName: "ms"))
    var heartbeat: Int?

    @Option(
        help: ArgumentHelp(
            "How long a leader's lease runs; longer than 3 heartbeats (default: 50).",
            valueName: "ms"))
    var lease: Int?

    @Option(
        help: ArgumentHelp(
            "After what silence a node is taken for dead; longer than a lease (default: 70).",
            valueName: "ms"))
    var suspicion: Int?

    @Option(
        help: ArgumentHelp(
            "By how much two machines' clocks differ in rate at most (default: 200).",
            valueName: "ppm"))
    var drift: Int?
}
