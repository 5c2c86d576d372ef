// The index of a flow table: from a key's hash to the slot of its record. It never sees keys; it
// names candidates, and the table compares.
//
// Cuckoo hashing by buckets of one cache line, with the partner line found from the tag alone
// (Fan et al., "Cuckoo Filter", CoNEXT 2014), so that an entry can be moved without its record.
//
//     byte  0          20                                   60         62
//          +----------+------------------------------------+----------+----------+
//          | 10 tags  | 10 entries: slot << 1 | direction  | strayed  | away     |
//          | of 2 B   | of 4 B                             | 2 B      | 2 B      |
//          +----------+------------------------------------+----------+----------+
//
// A tag of zero marks a free place. An entry stands in its home line, or, marked by its place's
// bit in `away`, in its partner line. `strayed` counts the entries that have this line for their
// home and stand in their partner lines: where it is zero, who does not find need look no further.

public import CIntrinsics

@safe
@usableFromInline
struct FlowIndex: ~Copyable {
    /// Always even: see `partner`.
    @usableFromInline let lineCount: UInt64
    @usableFromInline let base: UnsafeMutableRawPointer
    let memory: MappedMemory
    /// Scratch memory of the search for a free place.
    var search: DisplacementSearch

    @usableFromInline static let lineBytes = 64
    @usableFromInline static let placesPerLine = 10
    /// Entries per hundred places when the table is full. At this load about one entry in twenty
    /// stands away from home, and the bytes per IPv4 flow stay under 128.
    static let fullLoadPercent = 82
    /// More for small tables, where averages promise little.
    static let spareLines = 8

    /// Room for `entryCount` entries.
    init(entryCount: Int) {
        let perHundredLines = Self.placesPerLine * Self.fullLoadPercent
        let lines = (entryCount * 100 + perHundredLines - 1) / perHundredLines + Self.spareLines
        lineCount = UInt64((lines + 1) & ~1)
        memory = MappedMemory(byteCount: Int(lineCount) * Self.lineBytes)
        unsafe base = memory.base
        search = DisplacementSearch()
    }
}

// MARK: Where a hash belongs

extension FlowIndex {
    /// The low 16 bits, but never zero.
    @inlinable @inline(__always)
    static func tag(of hash: UInt64) -> UInt16 {
        let low = UInt16(truncatingIfNeeded: hash)
        return low == 0 ? 1 : low
    }

    /// Below `lineCount`, from the high bits: the high word of a product (Lemire, "Fast Random
    /// Integer Generation in an Interval", 2019), so that the count need be no power of two.
    @inlinable @inline(__always)
    func homeLine(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash.multipliedFullWidth(by: lineCount).high)
    }

    /// The other line of an entry with `tag` that stands in `line`; the partner's partner is the
    /// line itself. Never the line itself: the sum of the two is odd modulo an even number.
    @inlinable @inline(__always)
    func partner(of line: Int, tag: UInt16) -> Int {
        let mixed = UInt64(tag) &* 0x9E37_79B9_7F4A_7C15
        let half = Int(truncatingIfNeeded: mixed.multipliedFullWidth(by: lineCount >> 1).high)
        let difference = 2 &* half &+ 1 &- line
        return difference < 0 ? difference &+ Int(truncatingIfNeeded: lineCount) : difference
    }
}

// MARK: The fields of a line
//
// Proof for every `unsafe` below: lines come from `homeLine` and `partner`, which stay under
// `lineCount`, and places from a mask of ten bits; the mapping holds `lineCount` whole lines.

extension FlowIndex {
    @inlinable @inline(__always)
    func address(_ line: Int) -> UnsafeMutableRawPointer {
        unsafe base + line &* Self.lineBytes
    }

    /// Bit i is set if place i holds `tag`; with a tag of zero, if it is free.
    @inlinable @inline(__always)
    func places(in line: Int, holding tag: UInt16) -> UInt32 {
        unsafe hp_match_ten_tags(address(line), tag)
    }

    @inlinable @inline(__always)
    func tag(_ line: Int, _ place: Int) -> UInt16 {
        unsafe address(line).load(fromByteOffset: 2 &* place, as: UInt16.self)
    }

    @inlinable @inline(__always)
    func entry(_ line: Int, _ place: Int) -> UInt32 {
        unsafe address(line).load(fromByteOffset: 20 &+ 4 &* place, as: UInt32.self)
    }

    @inlinable @inline(__always)
    func strayed(_ line: Int) -> UInt16 {
        unsafe address(line).load(fromByteOffset: 60, as: UInt16.self)
    }

    func setStrayed(_ line: Int, _ count: UInt16) {
        unsafe address(line).storeBytes(of: count, toByteOffset: 60, as: UInt16.self)
    }

    func away(_ line: Int) -> UInt16 {
        unsafe address(line).load(fromByteOffset: 62, as: UInt16.self)
    }

    func isAway(_ line: Int, _ place: Int) -> Bool { away(line) & 1 << UInt16(place) != 0 }

    func set(_ line: Int, _ place: Int, tag: UInt16, entry: UInt32, isAway: Bool) {
        let bit: UInt16 = 1 << UInt16(place)
        let away = isAway ? away(line) | bit : away(line) & ~bit
        unsafe address(line).storeBytes(of: tag, toByteOffset: 2 * place, as: UInt16.self)
        unsafe address(line).storeBytes(of: entry, toByteOffset: 20 + 4 * place, as: UInt32.self)
        unsafe address(line).storeBytes(of: away, toByteOffset: 62, as: UInt16.self)
    }
}
