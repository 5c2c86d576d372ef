// What is known of destinations that ports are short for: which buckets said that they have none.
// All buckets of an engine share it, so that a destination whose ports are all in use costs at most
// one question to each lender in each `staleness`, and each new flow one look here.

import Tables
import Wire

/// Fixed-capacity table of destinations, whatever the bucket. The oldest that no search uses makes
/// room for a new one.
struct Scarcity: ~Copyable {
    private struct Entry {
        var key: PortDestination
        var hash: UInt64
        var since: Tick
        var noneCount: Int
        /// A lender had ports but no room for another loan.
        var lacksRoom: Bool
        var searches: Int
    }

    private enum List {
        static let free = 0
        static let idle = 1
        static let used = 2
    }

    let bucketCount: Int
    private let wordsPerEntry: Int
    private let staleness: UInt64
    private let hash: LoanHash
    private var entries: [Entry]
    private var words: [UInt64]
    private var places: IdentifierMap
    private var lists: SlotLists

    init(capacity: Int, bucketCount: Int, staleness: UInt64, hash: LoanHash) {
        self.bucketCount = bucketCount
        self.staleness = staleness
        self.hash = hash
        wordsPerEntry = (bucketCount + 63) / 64
        let empty = Entry(
            key: PortDestination(
                scope: .none, ipProtocol: .udp, external: .v6(IPv6Address(high: 0, low: 0)),
                remote: .v6(IPv6Address(high: 0, low: 0)), remotePort: Port(0),
                bucket: BucketIndex(0)),
            hash: 0, since: Tick(rawValue: 0), noneCount: 0, lacksRoom: false, searches: 0)
        entries = Array(repeating: empty, count: capacity)
        words = Array(repeating: 0, count: capacity * wordsPerEntry)
        places = IdentifierMap(capacity: capacity, seed: hash.seed)
        lists = SlotLists(slots: capacity, lists: 3, all: List.free)
    }

    /// The entry of a destination, if there is one.
    func find(_ destination: PortDestination) -> Int? {
        guard lists.count(List.idle) + lists.count(List.used) > 0 else { return nil }
        let key = destination.of(BucketIndex(0))
        guard let place = places[hash.of(key)].map(Int.init), entries[place].key == key else {
            return nil
        }
        return place
    }

    /// The entry of a destination; what it says is at most `staleness` old. Nil if there is no room.
    mutating func findOrMake(_ destination: PortDestination, at now: Tick) -> Int? {
        if let found = find(destination) {
            if now - entries[found].since > staleness { clear(found, at: now) }
            return found
        }
        if lists.count(List.free) == 0, let oldest = lists.first(List.idle) { release(oldest) }
        let key = destination.of(BucketIndex(0))
        let hash = hash.of(key)
        guard let place = lists.first(List.free), places[hash] == nil else { return nil }
        entries[place].key = key
        entries[place].hash = hash
        entries[place].searches = 0
        places.set(hash, to: UInt32(place))
        lists.append(place, to: List.idle)
        clear(place, at: now)
        return place
    }

    private mutating func release(_ place: Int) {
        places.remove(entries[place].hash)
        lists.append(place, to: List.free)
    }

    private mutating func clear(_ place: Int, at now: Tick) {
        for word in place * wordsPerEntry..<(place + 1) * wordsPerEntry { words[word] = 0 }
        entries[place].noneCount = 0
        entries[place].lacksRoom = false
        entries[place].since = now
        if lists.list(of: place) == List.idle { lists.append(place, to: List.idle) }
    }

    /// A search begins to use an entry, or ends.
    mutating func retain(_ place: Int) {
        entries[place].searches += 1
        lists.append(place, to: List.used)
    }

    mutating func release(usedBySearch place: Int) {
        entries[place].searches -= 1
        if entries[place].searches == 0 { lists.append(place, to: List.idle) }
    }

    // MARK: What is known

    func saidNone(_ place: Int, _ bucket: Int) -> Bool {
        words[place * wordsPerEntry + bucket >> 6] >> UInt64(bucket & 63) & 1 == 1
    }

    mutating func setNone(_ place: Int, _ bucket: BucketIndex, lacksRoom: Bool = false) {
        if lacksRoom { entries[place].lacksRoom = true }
        let bucket = Int(bucket.rawValue)
        guard bucket < bucketCount, !saidNone(place, bucket) else { return }
        words[place * wordsPerEntry + bucket >> 6] |= 1 << UInt64(bucket & 63)
        entries[place].noneCount += 1
    }

    /// A port of a bucket of this engine became free.
    mutating func forget(_ destination: PortDestination) {
        guard let place = find(destination) else { return }
        let bucket = Int(destination.bucket.rawValue)
        guard bucket < bucketCount, saidNone(place, bucket) else { return }
        words[place * wordsPerEntry + bucket >> 6] &= ~(1 << UInt64(bucket & 63))
        entries[place].noneCount -= 1
    }

    /// Every bucket said none.
    func isExhausted(_ place: Int) -> Bool { entries[place].noneCount == bucketCount }
    func lacksRoom(_ place: Int) -> Bool { entries[place].lacksRoom }

    func checkInvariants() {
        lists.checkInvariants()
        for place in entries.indices where lists.list(of: place) != List.free {
            let said = (0..<bucketCount).count { saidNone(place, $0) }
            precondition(said == entries[place].noneCount, "refusals are miscounted")
            precondition((entries[place].searches > 0) == (lists.list(of: place) == List.used))
        }
    }
}
