// Making room in the index: when both lines of an entry are full, a chain of others moves on, each
// to its own other line, until one finds a free place. Breadth first, so that the chain is short.

/// The lines visited by one search. Fixed size, made with the index.
struct DisplacementSearch: ~Copyable {
    struct Step: BitwiseCopyable {
        var line: UInt32
        /// Index of the step that led here; itself for the two that the search begins with.
        var parent: UInt16
        /// The place in the parent's line whose entry would move here.
        var place: UInt16
    }

    /// At full load a line in three is full: ten steps without a free place happen once in a
    /// hundred thousand searches. More would only lengthen the search that must fail.
    static let limit = 128

    var steps: [Step]
    var count = 0

    init() {
        steps = Array(repeating: Step(line: 0, parent: 0, place: 0), count: Self.limit)
    }

    mutating func begin(home: Int, partner: Int) {
        steps[0] = Step(line: UInt32(home), parent: 0, place: 0)
        steps[1] = Step(line: UInt32(partner), parent: 1, place: 0)
        count = 2
    }

    /// Each line once: so the lines of a chain are distinct, and the moves cannot disturb each
    /// other.
    mutating func add(line: Int, parent: Int, place: Int) {
        guard count < Self.limit, !steps[..<count].contains(where: { $0.line == UInt32(line) })
        else { return }
        steps[count] = Step(line: UInt32(line), parent: UInt16(parent), place: UInt16(place))
        count += 1
    }
}

extension FlowIndex {
    /// `place` for an entry whose two lines are both full.
    @inline(never)
    mutating func displace(for entry: UInt32, tag: UInt16, home: Int, partner: Int) -> Bool {
        search.begin(home: home, partner: partner)
        var next = 0
        while next < search.count {
            let line = Int(search.steps[next].line)
            for place in 0..<Self.placesPerLine {
                let other = self.partner(of: line, tag: self.tag(line, place))
                if let free = freePlace(in: other) {
                    move(line, place, to: other, free)
                    finish(from: next, freed: place, entry: entry, tag: tag)
                    return true
                }
                search.add(line: other, parent: next, place: place)
            }
            next += 1
        }
        return false
    }

    /// Moves the entries along the chain that ends at `step`, where `freed` is now free, and puts
    /// the new one in the place that this frees in one of its own lines.
    private mutating func finish(from step: Int, freed: Int, entry: UInt32, tag: UInt16) {
        var step = step
        var freed = freed
        while Int(search.steps[step].parent) != step {
            let here = search.steps[step]
            let parent = Int(here.parent)
            move(Int(search.steps[parent].line), Int(here.place), to: Int(here.line), freed)
            freed = Int(here.place)
            step = parent
        }
        let line = Int(search.steps[step].line)
        set(line, freed, tag: tag, entry: entry, isAway: step == 1)
        if step == 1 {
            let home = Int(search.steps[0].line)
            setStrayed(home, strayed(home) + 1)
        }
    }

    /// Moves an entry to a free place of its other line.
    private mutating func move(_ line: Int, _ place: Int, to other: Int, _ free: Int) {
        let wasAway = isAway(line, place)
        let tag = tag(line, place)
        let entry = entry(line, place)
        set(other, free, tag: tag, entry: entry, isAway: !wasAway)
        set(line, place, tag: 0, entry: 0, isAway: false)
        if wasAway {
            setStrayed(other, strayed(other) - 1)
        } else {
            setStrayed(line, strayed(line) + 1)
        }
    }
}
