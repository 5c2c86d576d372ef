// Rows as they come, as a table on the terminal, and at the end as JSON.

import Foundation

final class Report {
    private(set) var rows: [Row] = []
    private static let widths = [46, 7, 10, 10, 10, 10, 7]

    func begin() {
        line(["name", "unit", "median", "min", "max", "peer", "ratio"], "goal")
    }

    func add(_ row: Row) {
        let row = row.judged()
        rows.append(row)
        let verdict = row.met.map { $0 ? "  met" : "  MISSED" } ?? ""
        let peer = row.peer.map { "  beside \($0)" } ?? ""
        line(
            [
                row.name, row.unit, Self.figure(row.median), Self.figure(row.min),
                Self.figure(row.max), row.peerMedian.map(Self.figure) ?? "",
                row.ratio.map { String(format: "%.2f", $0) } ?? "",
            ],
            (row.goal ?? "") + verdict + peer)
    }

    private func line(_ fields: [String], _ last: String) {
        var text = ""
        for (column, (field, width)) in zip(fields, Self.widths).enumerated() {
            let padding = String(repeating: " ", count: max(width - field.count, 0))
            text += column < 2 ? field + padding + " " : padding + field + " "
        }
        FileHandle.standardOutput.write(Data("\(text) \(last)\n".utf8))
    }

    private static func figure(_ value: Double) -> String {
        String(format: value < 1_000 ? "%.1f" : "%.0f", value)
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(rows).write(to: URL(fileURLWithPath: path))
    }
}
