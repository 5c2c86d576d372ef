// The report, in every form that was asked for, and the exit status.

import ArgumentParser
import Foundation
import Glibc
import Traffic

struct ReportOutput {
    private let report: RunReport
    private let options: OutputOptions

    init(_ report: RunReport, _ options: OutputOptions) {
        self.report = report
        self.options = options
    }

    /// Writes the files and the summary; throws the exit status of a failed verdict.
    func deliver() throws {
        if let json = options.json { try write(try encoded(), to: json) }
        if let html = options.html {
            try write(Data(HTMLReport(report).text.utf8), to: html)
        }
        if !options.quiet { Terminal.write(Summary(report).text, to: STDOUT_FILENO) }
        if report.verdict == .fail { throw ExitCode(1) }
    }

    private func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(report) + Data("\n".utf8)
    }

    private func write(_ data: Data, to path: String) throws {
        do {
            try data.write(to: URL(fileURLWithPath: path))
        } catch {
            throw RunFailure("\(path): can't be written: \(error.localizedDescription)")
        }
    }
}
