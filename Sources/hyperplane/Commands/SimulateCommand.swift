// `hyperplane simulate`: whole clusters of real engines on a virtual clock and network, faults and
// all, each run drawn from a seed.

import ArgumentParser
import Foundation
import Simulator

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run simulated clusters through faults, and check what must always hold.",
        discussion: """
            The same plan and seed give the same run, to the bit: the hash of its log is printed. \
            Without --plan the seeds are dealt out over all plans of the folder in turn, but \
            those with a planted bug. Exit status: 0 if nothing was violated, 1 if something was.
            """)

    @Option(help: ArgumentHelp("One plan.", valueName: "file"))
    var plan: String?

    @Option(help: ArgumentHelp("The folder of all plans.", valueName: "folder"))
    var plans = "Tests/Plans"

    @Option(help: ArgumentHelp("One seed.", valueName: "number"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("Seeds from A to B.", valueName: "A..B"))
    var seeds: SeedRange?

    @Option(
        help: ArgumentHelp(
            "Begin no further seed after so many seconds; what was run is printed.",
            valueName: "seconds"))
    var limit: Int?

    @Flag(help: "Print every event, one a line.")
    var log = false

    @Option(
        help: ArgumentHelp(
            "Beside --log: say whenever a node comes to hold this flow's record, or loses it.",
            valueName: "flow"))
    var watch: Int?

    func validate() throws {
        guard seed == nil || seeds == nil else {
            throw ValidationError("--seed and --seeds exclude each other.")
        }
        guard watch == nil || log else {
            throw ValidationError("--watch is of use beside --log alone.")
        }
    }

    func run() throws {
        let all = try plan.map { [try PlanFile(path: $0)] } ?? PlanFile.all(in: plans)
        let range = seeds?.range ?? (seed ?? 1)...(seed ?? 1)
        var progress = SimulationProgress(seeds: range, plans: all.count)
        for number in range {
            if let limit, progress.seconds > Double(limit) { break }
            let file = all[Int(number % UInt64(all.count))]
            let simulation = Simulation(file.plan, seed: number)
            if log { simulation.writeLog { print($0) } }
            if let watch { simulation.watch(flow: watch) }
            let outcome = simulation.run()
            guard outcome.violation == nil else { throw progress.failure(outcome, file) }
            progress.add(outcome)
        }
        progress.finish()
    }
}

/// `A..B`, both included.
struct SeedRange: ExpressibleByArgument {
    var range: ClosedRange<UInt64>

    init?(argument: String) {
        let parts = argument.components(separatedBy: "..")
        guard parts.count == 2, let low = UInt64(parts[0]), let high = UInt64(parts[1]),
            low <= high
        else { return nil }
        range = low...high
    }
}

/// A plan and where it stands.
struct PlanFile {
    let path: String
    let plan: Plan

    init(path: String) throws {
        self.path = path
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Failure(.usage, "The plan \(path) can't be read.")
        }
        let name = URL(filePath: path).deletingPathExtension().lastPathComponent
        do {
            plan = try Plan(name: name, text: text)
        } catch {
            throw Failure(.usage, "\(path): \(error)")
        }
    }

    /// In the order of their names, but those with a planted bug.
    static func all(in folder: String) throws -> [PlanFile] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let wanted = names.filter { $0.hasSuffix(".plan") && !$0.hasPrefix("planted-") }.sorted()
        guard !wanted.isEmpty else {
            throw Failure(
                .usage, "There is no plan in \(folder).",
                advice: ["Name one by --plan, or their folder by --plans."])
        }
        return try wanted.map { try PlanFile(path: "\(folder)/\($0)") }
    }
}
