// One thing in full for people: a line for each property, lists below each other.

/// Properties under their titles, in the order in which they were added.
package struct Details: Sendable {
    package private(set) var items: [(title: String, values: [Cell])] = []

    package init() {}

    package mutating func add(_ title: String, _ value: Cell) {
        items.append((title, [value]))
    }

    package mutating func add(_ title: String, _ value: String?) {
        add(title, Cell(value))
    }

    /// Left out where there is nothing to say.
    package mutating func addIfPresent(_ title: String, _ value: String?) {
        if let value { add(title, Cell(value)) }
    }

    /// Several values, a line each.
    package mutating func add(_ title: String, _ values: [Cell]) {
        items.append((title, values.isEmpty ? [Cell(nil)] : values))
    }

    package func lines(coloured: Bool = false) -> [String] {
        let width = items.reduce(0) { max($0, $1.title.count) } + 2
        return items.flatMap { item in
            item.values.enumerated().map { index, value in
                let title = index == 0 ? item.title : ""
                let shown = coloured ? value.tone.colour(value.text) : value.text
                return title + String(repeating: " ", count: width - title.count) + shown
            }
        }
    }
}
