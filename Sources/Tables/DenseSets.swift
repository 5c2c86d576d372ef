// Bitmaps of free ports for the destinations where few are left, from a fixed pool.

import Wire

/// At most `capacity` sets, each over at most `portsPerSet` ports.
///
/// Memory: about 130 bytes, and one bit a port, each. Nothing is allocated after `init`.
@usableFromInline
struct DenseSets: ~Copyable {
    /// One destination's ports.
    struct Header {
        var destination: PortDestination
        var hash: UInt64
        var lowest: UInt16
        var portCount: Int
        var used: Int

        static var empty: Header {
            Header(
                destination: PortDestination(
                    scope: .none, ipProtocol: .udp, external: .v6(IPv6Address(high: 0, low: 0)),
                    remote: .v6(IPv6Address(high: 0, low: 0)), remotePort: Port(0),
                    bucket: BucketIndex(0)),
                hash: 0, lowest: 0, portCount: 0, used: 0)
        }
    }

    let capacity: Int
    let portsPerSet: Int
    let seed: UInt64
    private let wordsPerSet: Int
    /// From a destination's hash to its set. Two destinations of one hash: the second gets none.
    private var places: IdentifierMap
    private var headers: [Header]
    /// A set bit is a free port.
    private var words: [UInt64]
    private var freeSets: [Int]

    init(capacity: Int, portsPerSet: Int, seed: UInt64) {
        self.capacity = capacity
        self.portsPerSet = portsPerSet
        self.seed = seed
        wordsPerSet = (portsPerSet + 63) / 64
        places = IdentifierMap(capacity: max(capacity, 1), seed: seed)
        headers = Array(repeating: .empty, count: capacity)
        words = Array(repeating: 0, count: capacity * wordsPerSet)
        freeSets = (0..<capacity).reversed()
    }

    @usableFromInline var count: Int { capacity - freeSets.count }
    var isFull: Bool { freeSets.isEmpty }

    func header(_ set: Int) -> Header { headers[set] }

    /// The set of a destination, if it has one.
    @usableFromInline
    func find(_ destination: PortDestination) -> Int? {
        guard count > 0, let set = places[destination.hash(seed: seed)] else { return nil }
        return headers[Int(set)].destination == destination ? Int(set) : nil
    }

    /// A set for a destination that has none, every port in use. Nil if none is left.
    @usableFromInline
    mutating func make(_ destination: PortDestination, _ order: PortOrder) -> Int? {
        let hash = destination.hash(seed: seed)
        guard order.count <= portsPerSet, places[hash] == nil, let set = freeSets.popLast() else {
            return nil
        }
        headers[set] = Header(
            destination: destination, hash: hash, lowest: order.lowest, portCount: order.count,
            used: order.count)
        for word in wordRange(set) { words[word] = 0 }
        places.set(hash, to: UInt32(set))
        return set
    }

    @usableFromInline
    mutating func release(_ set: Int) {
        places.remove(headers[set].hash)
        headers[set] = .empty
        freeSets.append(set)
    }

    private func wordRange(_ set: Int) -> Range<Int> {
        set * wordsPerSet..<(set + 1) * wordsPerSet
    }
}

// MARK: Ports of a set, by position from its lowest

extension DenseSets {
    @usableFromInline func used(_ set: Int) -> Int { headers[set].used }
    @usableFromInline func portCount(_ set: Int) -> Int { headers[set].portCount }

    /// Whether a set stands for the same ports as `order`.
    @usableFromInline
    func covers(_ set: Int, _ order: PortOrder) -> Bool {
        headers[set].lowest == order.lowest && headers[set].portCount == order.count
    }

    func position(of port: Port, in set: Int) -> Int? {
        let position = Int(port.rawValue) - Int(headers[set].lowest)
        return (0..<headers[set].portCount).contains(position) ? position : nil
    }

    func isFree(_ position: Int, in set: Int) -> Bool {
        words[set * wordsPerSet + position >> 6] >> UInt64(position & 63) & 1 == 1
    }

    @usableFromInline
    mutating func setFree(_ isFree: Bool, _ position: Int, in set: Int) {
        guard self.isFree(position, in: set) != isFree else { return }
        words[set * wordsPerSet + position >> 6] ^= 1 << UInt64(position & 63)
        headers[set].used += isFree ? -1 : 1
    }

    /// The first free position at or after `position`, going round; nil if there is none.
    @usableFromInline
    func firstFree(from position: Int, in set: Int) -> Int? {
        guard headers[set].used < headers[set].portCount else { return nil }
        let first = set * wordsPerSet
        let wordCount = (headers[set].portCount + 63) / 64
        var word = position >> 6
        var bits = words[first + word] & UInt64.max << UInt64(position & 63)
        // Once round, and the low bits of the first word again.
        for _ in 0...wordCount {
            if bits != 0 { return word << 6 + bits.trailingZeroBitCount }
            word = word + 1 == wordCount ? 0 : word + 1
            bits = words[first + word]
        }
        return nil
    }
}
