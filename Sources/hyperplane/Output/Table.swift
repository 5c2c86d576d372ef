// Tables for people: columns padded with spaces, titles in capitals, no lines drawn. What a table
// shows may come from anyone's hands, so control characters never reach the terminal.

/// Rows under titles. Every row has as many cells as there are columns.
package struct Table: Sendable {
    package private(set) var columns: [Column]
    package private(set) var rows: [[Cell]] = []

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    package mutating func append(_ row: [Cell]) {
        precondition(row.count == columns.count, "a row has a cell for every column")
        rows.append(row)
    }

    /// The header and the rows, without spaces at their ends.
    ///
    /// With a `width`, columns that may shrink give way until the lines fit; identifiers and
    /// numbers are never cut, so a line may still be longer.
    package func lines(width: Int? = nil, coloured: Bool = false) -> [String] {
        let widths = columnWidths(fitting: width)
        let header = columns.map { Cell($0.title) }
        return ([header] + rows).enumerated().map { index, row in
            line(row, widths: widths, coloured: coloured && index > 0)
        }
    }

    private func line(_ row: [Cell], widths: [Int], coloured: Bool) -> String {
        var text = ""
        var pending = 0
        for (column, cell) in row.enumerated() {
            let shown = cell.text.shortened(to: widths[column])
            let padding = widths[column] - shown.count
            let isTrailing = columns[column].alignment == .trailing
            pending += isTrailing ? padding : 0
            if !shown.isEmpty {
                text += String(repeating: " ", count: pending)
                text += coloured ? cell.tone.colour(shown) : shown
                pending = 0
            }
            pending += (isTrailing ? 0 : padding) + 2
        }
        return text
    }

    private func columnWidths(fitting limit: Int?) -> [Int] {
        var widths = columns.indices.map { column in
            rows.reduce(columns[column].title.count) { max($0, $1[column].text.count) }
        }
        guard let limit else { return widths }
        let total = widths.reduce(0, +) + 2 * (widths.count - 1)
        var excess = total - limit
        for column in columns.indices.reversed() where columns[column].shrinks && excess > 0 {
            let least = max(columns[column].title.count, Column.leastWidth)
            let cut = min(excess, max(widths[column] - least, 0))
            widths[column] -= cut
            excess -= cut
        }
        return widths
    }
}

/// What a column is called and how it is set.
package struct Column: Sendable {
    package enum Alignment: Sendable { case leading, trailing }

    /// A column that shrinks keeps at least so many characters.
    static let leastWidth = 12

    package var title: String
    package var alignment: Alignment
    /// May be cut, with an ellipsis, where the terminal is narrow.
    package var shrinks: Bool

    package init(_ title: String, _ alignment: Alignment = .leading, shrinks: Bool = false) {
        self.title = title.uppercased()
        self.alignment = alignment
        self.shrinks = shrinks
    }

    /// A column of numbers, set to the right.
    package static func number(_ title: String) -> Column { Column(title, .trailing) }
}

/// A value in a table.
package struct Cell: Sendable, ExpressibleByStringLiteral {
    /// An absent value is a dash, so that columns can be told apart by a program too.
    package var text: String
    package var tone: Tone

    package init(_ text: String?, _ tone: Tone = .plain) {
        let shown = text?.withoutControlCharacters ?? ""
        self.text = shown.isEmpty ? "-" : shown
        self.tone = tone
    }

    package init(_ number: some BinaryInteger) { self.init(String(number)) }

    package init(stringLiteral value: String) { self.init(value) }

    /// A state of the API's vocabulary in the colour of its meaning.
    package static func state(_ state: String) -> Cell { Cell(state, Tone(state: state)) }
}

extension String {
    /// Control characters, which could move the cursor or recolour the terminal, as `\u{..}`.
    package var withoutControlCharacters: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        return unicodeScalars.map { $0.isControl ? $0.escaped(asASCII: true) : String($0) }
            .joined()
    }

    /// At most `width` characters; what was cut is shown by an ellipsis.
    package func shortened(to width: Int) -> String {
        count <= width ? self : String(prefix(max(width - 1, 0))) + "…"
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool {
        properties.generalCategory == .control || properties.generalCategory == .format
    }
}
