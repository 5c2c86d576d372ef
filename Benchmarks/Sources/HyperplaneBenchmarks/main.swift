// The benchmarks of the packet path: each measures one part beside its floor or its peer, in the
// same run, and judges it by its goal.

import Foundation

enum Benchmark: String, CaseIterable {
    case table
    case engine
    case commit
    case failover

    func run(_ options: Options, _ report: Report) throws {
        switch self {
        case .table: TableBenchmark.run(options, report)
        case .engine: EngineBenchmark.run(options, report)
        case .commit: try CommitBenchmark.run(options, report)
        case .failover: try FailoverBenchmark.run(options, report)
        }
    }
}

do {
    let options = try Options(Array(CommandLine.arguments.dropFirst()))
    let report = Report()
    // One of them needs a second processor: the first of the same list.
    Processors.pin(to: options.processors.last!)
    report.begin()
    var failures: [any Error] = []
    for benchmark in options.benchmarks {
        do { try benchmark.run(options, report) } catch { failures.append(error) }
    }
    if let path = options.jsonPath { try report.write(to: path) }
    for failure in failures {
        FileHandle.standardError.write(Data("\(failure)\n".utf8))
    }
    if !failures.isEmpty { exit(1) }
} catch {
    FileHandle.standardError.write(Data("\(error)\n\(Options.usage)\n".utf8))
    exit(2)
}
