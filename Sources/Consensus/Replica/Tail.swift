// Entries that are not known to be committed, of all buckets of an engine, in one pool: a leader's own
// until its followers have them, and a follower's until it hears that they are committed. Records that
// come outside of the sequence pass through here too, so that all is applied in one order.

public import Tables
import Wire

/// An entry in the pool.
public struct TailSlot: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    static var none: TailSlot { TailSlot(rawValue: -1) }
    var index: Int { Int(rawValue) }
}

/// What this engine itself did to its tables when it made an entry.
public struct OwnDecision: Hashable, Sendable, BitwiseCopyable {
    public var handle: FlowHandle
    public var isIPv4: Bool
    /// The kind's own: why a flow ends.
    public var detail: UInt8

    public init(handle: FlowHandle, isIPv4: Bool, detail: UInt8 = 0) {
        self.handle = handle
        self.isIPv4 = isIPv4
        self.detail = detail
    }
}

/// What the pool knows of an entry beside its bytes.
struct TailEntry {
    var next = TailSlot.none
    var sequence: UInt64 = 0
    var head = EntryHead(kind: .empty, bucket: BucketIndex(0), sequence: 0)
    var length: UInt16 = 0
    var decision: OwnDecision?
}

/// A bucket's entries in order.
struct TailList {
    var first = TailSlot.none
    var last = TailSlot.none
    var isEmpty: Bool { first == .none }
}

/// The pool. Nothing is allocated but by `init` and `grow`.
struct Tail: ~Copyable {
    static let slotBytes = 160
    private(set) var capacity: Int
    private(set) var freeCount: Int
    private var entries: [TailEntry]
    private var bytes: [UInt8]
    private var free = TailSlot.none

    init(capacity: Int) {
        precondition(capacity > 0 && capacity < Int(Int32.max))
        self.capacity = capacity
        freeCount = capacity
        entries = Array(repeating: TailEntry(), count: capacity)
        bytes = Array(repeating: 0, count: capacity * Self.slotBytes)
        for index in (0..<capacity).reversed() {
            entries[index].next = free
            free = TailSlot(rawValue: Int32(index))
        }
    }

    /// Makes room for more entries. Allocates.
    mutating func grow(to count: Int) {
        guard count > capacity else { return }
        for index in capacity..<count {
            entries.append(TailEntry(next: free))
            free = TailSlot(rawValue: Int32(index))
        }
        bytes.append(contentsOf: repeatElement(0, count: (count - capacity) * Self.slotBytes))
        freeCount += count - capacity
        capacity = count
    }

    subscript(slot: TailSlot) -> TailEntry {
        get { entries[slot.index] }
        _modify { yield &entries[slot.index] }
    }

    /// A slot with a copy of the entry; nil if all are in use.
    mutating func make(
        _ head: EntryHead, sequence: UInt64, body: RawSpan, decision: OwnDecision?
    ) -> TailSlot? {
        precondition(body.byteCount <= Self.slotBytes, "every entry fits in a slot")
        guard free != .none else { return nil }
        let slot = free
        free = entries[slot.index].next
        freeCount -= 1
        entries[slot.index] = TailEntry(
            next: .none, sequence: sequence, head: head, length: UInt16(body.byteCount),
            decision: decision)
        if body.byteCount > 0 {
            var target = bytes.mutableRawSpan
            target.copy(body, to: slot.index * Self.slotBytes)
        }
        return slot
    }

    mutating func release(_ slot: TailSlot) {
        entries[slot.index].next = free
        free = slot
        freeCount += 1
    }

    @_lifetime(borrow self)
    func body(_ slot: TailSlot) -> RawSpan {
        let start = slot.index * Self.slotBytes
        return bytes.rawSpan.extracting(start..<start + Int(entries[slot.index].length))
    }

    mutating func append(_ slot: TailSlot, to list: inout TailList) {
        entries[slot.index].next = .none
        if list.last == .none {
            list.first = slot
        } else {
            entries[list.last.index].next = slot
        }
        list.last = slot
    }

    /// Takes the first out of its list.
    mutating func popFirst(_ list: inout TailList) -> TailSlot? {
        guard list.first != .none else { return nil }
        let slot = list.first
        list.first = entries[slot.index].next
        if list.first == .none { list.last = .none }
        return slot
    }
}
