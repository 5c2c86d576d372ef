// Prints answers in the form that was asked for.

import Foundation

/// Writes to standard output.
struct Printer: Sendable {
    var format: OutputFormat
    var terminal: Terminal

    /// `value` to a program, or the lines to a person. The lines are made only if they are shown.
    func show(_ value: some Encodable, lines: (Printer) async throws -> [String]) async throws {
        if format == .table {
            write(try await lines(self))
        } else {
            write([try format.text(of: value)])
        }
    }

    func lines(of table: Table) -> [String] {
        table.lines(width: terminal.width, coloured: terminal.isColoured)
    }

    func write(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        print(lines.joined(separator: "\n"))
    }
}
