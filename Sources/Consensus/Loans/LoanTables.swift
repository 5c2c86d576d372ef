// The records of an engine's loans: those taken, those given, the requests on the way, and the
// packets that wait for them. Fixed slots, found by id and by port.

import Tables
import Wire

/// A loan taken: a flow of this engine stands on another bucket's port.
struct HeldLoan {
    var id: LoanID
    var port: LoanPort
    var tenant: Int
}

/// A loan given.
struct LentLoan {
    var id: LoanID
    var port: LoanPort
    /// Who asked; reminders go to whoever leads the borrower's bucket by then.
    var from: LoanRoute
    /// When the borrower was last told; in the quiet time: when that began.
    var since: Tick
    var tenant: Int
    /// Set by "closed".
    var closedAs: LoanUse?
}

/// A request on the way.
struct OpenRequest {
    var id: LoanID
    var search: Int
    var lender: BucketIndex
    var to: LoanRoute
    var askedAt: Tick
}

/// A packet that waits.
struct Waiter {
    var token: UInt64
    var since: Tick
    var search: Int
    var tenant: Int
}

/// A bucket that seeks ports toward one destination.
struct Search {
    /// The most requests on the way for one search.
    static let requestSlots = 4

    /// `bucket` is the borrower.
    var toward: PortDestination
    var group: UInt64
    /// Where the order of lenders begins.
    var start: Int
    var scarcity: Int
    /// Lenders that are asked at this moment.
    var asked: InlineArray<4, Int32>

    /// Nobody is asked in this slot.
    static var nobody: Int32 { -1 }

    var askedCount: Int {
        var count = 0
        for slot in asked.indices where asked[slot] != Self.nobody { count += 1 }
        return count
    }

    func isAsking(_ bucket: Int) -> Bool {
        for slot in asked.indices where asked[slot] == Int32(bucket) { return true }
        return false
    }

    mutating func replace(_ old: Int32, with new: Int32) {
        for slot in asked.indices where asked[slot] == old {
            asked[slot] = new
            return
        }
        preconditionFailure("a search lost a request")
    }
}

/// Slots with a record each, found by a hash of its name. The first list is that of the free ones.
struct LoanTable<Record>: ~Copyable {
    static var free: Int { 0 }

    private(set) var records: [Record?]
    private(set) var lists: SlotLists
    private var byName: IdentifierMap

    init(capacity: Int, lists: Int, seed: UInt64) {
        records = Array(repeating: nil, count: capacity)
        self.lists = SlotLists(slots: capacity, lists: lists, all: Self.free)
        byName = IdentifierMap(capacity: capacity, seed: seed)
    }

    var count: Int { records.count - lists.count(Self.free) }
    var hasRoom: Bool { lists.count(Self.free) > 0 }

    subscript(slot: Int) -> Record {
        get {
            guard let record = records[slot] else { preconditionFailure("a free slot is read") }
            return record
        }
        _modify {
            precondition(records[slot] != nil, "a free slot is changed")
            yield &records[slot]!
        }
    }

    func slot(of name: UInt64) -> Int? { count == 0 ? nil : byName[name].map(Int.init) }

    /// The slot that the record has now. Nil if there is no room, or if its name has the hash of
    /// another's, which keyed hashes of 64 bits make as good as impossible.
    mutating func insert(_ record: Record, name: UInt64, list: Int) -> Int? {
        guard byName[name] == nil, let slot = insert(record, list: list) else { return nil }
        byName.set(name, to: UInt32(slot))
        return slot
    }

    /// The same for a record that nobody looks up.
    mutating func insert(_ record: Record, list: Int) -> Int? {
        guard let slot = lists.first(Self.free) else { return nil }
        records[slot] = record
        lists.append(slot, to: list)
        return slot
    }

    mutating func remove(_ slot: Int, name: UInt64) {
        precondition(byName[name] == UInt32(slot), "a record goes by its own name")
        byName.remove(name)
        remove(slot)
    }

    mutating func remove(_ slot: Int) {
        records[slot] = nil
        lists.append(slot, to: Self.free)
    }

    mutating func move(_ slot: Int, to list: Int) { lists.append(slot, to: list) }
    mutating func moveToFront(_ slot: Int, of list: Int) { lists.prepend(slot, to: list) }
}
