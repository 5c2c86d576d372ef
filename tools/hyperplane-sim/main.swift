// Plays seeds of plans, a line each, and goes on after a violation: for hunting, and for measuring.
// It is built from the core graph alone, in a minute; `hyperplane simulate` is what users have.
// Usage: hyperplane-sim [--log [--watch FLOW]] A..B PLAN-FILE...; --log prints every event, --watch who
// holds the flow's record. Exit status: 1 if something was violated.

import Foundation
import Simulator

func plan(at path: String) throws -> Plan {
    let name = URL(filePath: path).deletingPathExtension().lastPathComponent
    return try Plan(name: name, text: try String(contentsOfFile: path, encoding: .utf8))
}

/// A line at once, so that whoever waits sees how far it is.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

var arguments = Array(CommandLine.arguments.dropFirst())
let isLogged = arguments.first == "--log"
if isLogged { arguments.removeFirst() }
var watched: Int?
if isLogged, arguments.count > 1, arguments[0] == "--watch" {
    watched = Int(arguments[1])
    arguments.removeFirst(2)
}
let bounds = (arguments.first ?? "").components(separatedBy: "..").compactMap { UInt64($0) }
guard arguments.count >= 2, bounds.count == 2, bounds[0] <= bounds[1] else {
    let usage = "usage: hyperplane-sim [--log [--watch FLOW]] A..B PLAN-FILE...\n"
    FileHandle.standardError.write(Data(usage.utf8))
    exit(2)
}
let plans = arguments.dropFirst().map { path in
    do {
        return try plan(at: path)
    } catch {
        FileHandle.standardError.write(Data("\(path): \(error)\n".utf8))
        exit(2)
    }
}
var violations = 0
var simulated = 0.0
let began = clock()
for seed in bounds[0]...bounds[1] {
    let begunSeed = clock()
    let simulation = Simulation(plans[Int(seed % UInt64(plans.count))], seed: seed)
    if isLogged { simulation.writeLog { say($0) } }
    if let watched { simulation.watch(flow: watched) }
    let outcome = simulation.run()
    let seconds = Double(clock() - begunSeed) / Double(CLOCKS_PER_SEC)
    simulated += Double(outcome.simulatedNanoseconds) / 1e9
    var line = "\(outcome.plan) \(seed) \(String(outcome.hash, radix: 16)) "
    line += String(format: "%.2fs ", seconds)
    if let violation = outcome.violation {
        violations += 1
        if isLogged { outcome.lastLines.forEach(say) }
        line += "VIOLATED \(violation.invariant) at \(violation.at): \(violation.message)"
    } else {
        line += "ok \(outcome.figures)"
    }
    say(line)
}
let seconds = Double(clock() - began) / Double(CLOCKS_PER_SEC)
let runs = bounds[1] - bounds[0] + 1
say(
    String(
        format: "%llu seeds, %d violated; %.2f s of a core a seed, %.0f simulated seconds a second",
        runs, violations, seconds / Double(runs), simulated / max(seconds, 1e-9)))
exit(violations == 0 ? 0 : 1)
