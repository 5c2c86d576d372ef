// Whole packets in memory through an engine: parsed, classified, looked up, rewritten, with a new
// encapsulation. No socket is in it.

enum EngineBenchmark {
    static func run(_ options: Options, _ report: Report) {
        let millions = options.millions ?? (options.isFull ? [1, 10] : [1])
        for flows in [1_000] + millions.map({ $0 * 1_000_000 }) {
            for load in EngineLoad.allCases { measure(load, flows, report) }
        }
    }

    private static func measure(_ load: EngineLoad, _ flows: Int, _ report: Report) {
        let size = flows < 1_000_000 ? "\(flows / 1_000)k" : "\(flows / 1_000_000)M"
        var trial = EngineTrial(load, flows: flows)
        let name = "engine.\(load.rawValue)"
        report.add(row("\(name).new.\(size)", trial.fill()))
        report.add(row("\(name).outbound.\(size)", trial.run(inbound: false)))
        report.add(row("\(name).inbound.\(size)", trial.run(inbound: true)))
    }

    /// Packets a second of one processor, from nanoseconds a packet.
    private static func row(_ name: String, _ nanoseconds: Samples) -> Row {
        Row(name, unit: "Mpps", nanoseconds.map { 1_000 / $0 })
    }
}
