// Which names somebody may have meant: those closest by edits, for "did you mean".

/// Orders what exists by how near it is to what was asked for.
package enum Candidates {
    /// At most so many are shown.
    package static let limit = 5

    /// The names within a third of the word's length in edits, or that contain it; nearest first.
    package static func near(_ word: String, among names: [String]) -> [String] {
        let wanted = word.lowercased()
        let allowed = max(wanted.count / 3, 1)
        let ranked = names.compactMap { name -> (name: String, distance: Int)? in
            let other = name.lowercased()
            let distance = edits(from: wanted, to: other)
            if distance <= allowed { return (name, distance) }
            let overlaps = wanted.count > 1 && (other.contains(wanted) || wanted.contains(other))
            return overlaps ? (name, allowed + 1) : nil
        }
        return ranked.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
            .prefix(limit).map(\.name)
    }

    /// Insertions, deletions, substitutions and exchanges of neighbours that turn one word into
    /// the other (optimal string alignment). Quadratic; words are short.
    package static func edits(from first: String, to second: String) -> Int {
        let first = Array(first.unicodeScalars)
        let second = Array(second.unicodeScalars)
        var beforeLast = [Int](repeating: 0, count: second.count + 1)
        var last = Array(0...second.count)
        for row in first.indices {
            var current = [row + 1]
            for column in second.indices {
                let same = first[row] == second[column]
                var best = min(
                    last[column] + (same ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, first[row] == second[column - 1],
                    first[row - 1] == second[column]
                {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[second.count]
    }
}
