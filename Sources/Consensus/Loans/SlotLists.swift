// Which of a fixed number of slots stand in which list, and in what order: what waits for the same
// time waits in the order in which it began, so that the first of a list is the first that is due.

/// Doubly linked lists over slots, each slot in one list or in none. All operations take constant
/// time; nothing is allocated after `init`.
struct SlotLists {
    private var following: [Int32]
    private var preceding: [Int32]
    private var listOf: [Int32]
    private var firsts: [Int32]
    private var lasts: [Int32]
    private var counts: [Int32]

    private static let none: Int32 = -1

    /// - Parameter all: the list that all slots are in at first, if any.
    init(slots: Int, lists: Int, all: Int? = nil) {
        precondition(slots > 0 && slots < Int(Int32.max) && lists > 0)
        following = Array(repeating: Self.none, count: slots)
        preceding = Array(repeating: Self.none, count: slots)
        listOf = Array(repeating: Self.none, count: slots)
        firsts = Array(repeating: Self.none, count: lists)
        lasts = Array(repeating: Self.none, count: lists)
        counts = Array(repeating: 0, count: lists)
        if let all { for slot in 0..<slots { append(slot, to: all) } }
    }

    func count(_ list: Int) -> Int { Int(counts[list]) }
    func first(_ list: Int) -> Int? { firsts[list] == Self.none ? nil : Int(firsts[list]) }
    func next(_ slot: Int) -> Int? {
        following[slot] == Self.none ? nil : Int(following[slot])
    }
    func list(of slot: Int) -> Int? { listOf[slot] == Self.none ? nil : Int(listOf[slot]) }

    /// Puts a slot at a list's end, out of the list that it is in.
    mutating func append(_ slot: Int, to list: Int) {
        remove(slot)
        link(slot, after: lasts[list], before: Self.none, in: list)
    }

    /// Puts a slot before a list's first, out of the list that it is in.
    mutating func prepend(_ slot: Int, to list: Int) {
        remove(slot)
        link(slot, after: Self.none, before: firsts[list], in: list)
    }

    private mutating func link(_ slot: Int, after: Int32, before: Int32, in list: Int) {
        preceding[slot] = after
        following[slot] = before
        listOf[slot] = Int32(list)
        if after == Self.none {
            firsts[list] = Int32(slot)
        } else {
            following[Int(after)] = Int32(slot)
        }
        if before == Self.none {
            lasts[list] = Int32(slot)
        } else {
            preceding[Int(before)] = Int32(slot)
        }
        counts[list] += 1
    }

    /// Takes a slot out of the list that it is in, if any.
    mutating func remove(_ slot: Int) {
        guard let list = list(of: slot) else { return }
        let (before, after) = (preceding[slot], following[slot])
        if before == Self.none { firsts[list] = after } else { following[Int(before)] = after }
        if after == Self.none { lasts[list] = before } else { preceding[Int(after)] = before }
        following[slot] = Self.none
        preceding[slot] = Self.none
        listOf[slot] = Self.none
        counts[list] -= 1
    }

    /// Visits a list's slots in order; `body` may move the slot that it is given.
    func forEach(in list: Int, _ body: (Int) -> Void) {
        var slot = first(list)
        while let current = slot {
            slot = next(current)
            body(current)
        }
    }

    /// Whether a condition holds for any of a list's slots. Linear.
    func contains(_ list: Int, where holds: (Int) -> Bool) -> Bool {
        var slot = first(list)
        while let current = slot {
            if holds(current) { return true }
            slot = next(current)
        }
        return false
    }

    func checkInvariants() {
        for list in firsts.indices {
            var count: Int32 = 0
            var before = Self.none
            forEach(in: list) { slot in
                precondition(listOf[slot] == Int32(list) && preceding[slot] == before)
                before = Int32(slot)
                count += 1
            }
            precondition(count == counts[list] && lasts[list] == before, "a list is miscounted")
        }
    }
}
