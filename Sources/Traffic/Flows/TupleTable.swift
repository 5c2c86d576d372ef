// Which live flow a 5-tuple belongs to: the tester's own record of translations and clients, kept
// apart from the product's tables so that it can't share their mistakes.

package import Wire

/// A 5-tuple in the scope of a virtual network, in 40 bytes: IPv4 addresses as IPv4-mapped.
package struct TupleKey: Hashable, Sendable, BitwiseCopyable {
    package var source: IPv6Address
    package var destination: IPv6Address
    /// Protocol (8 bits), VNI (24), source port (16), destination port (16).
    package var rest: UInt64

    package init(
        _ ipProtocol: IPProtocol, _ vni: VNI, source: IPAddress, sourcePort: Port,
        destination: IPAddress, destinationPort: Port
    ) {
        self.source = source.mapped
        self.destination = destination.mapped
        rest =
            UInt64(ipProtocol.rawValue) << 56 | UInt64(vni.rawValue) << 32
            | UInt64(sourcePort.rawValue) << 16 | UInt64(destinationPort.rawValue)
    }

    fileprivate var hash: UInt64 {
        // Of IPv4 addresses only the low halves differ.
        var hash = Mix.scatter(rest ^ source.low &* 0x9E37_79B9 ^ destination.low << 32)
        hash ^= source.high ^ destination.high << 1
        return Mix.scatter(hash ^ source.low >> 32 ^ destination.low)
    }
}

/// Open addressing with linear probing; removal closes the gap, so no tombstones gather.
///
/// Capacity is fixed at `init`: at most half of the places are ever used. Allocates nothing after.
package struct TupleTable: Sendable {
    private struct Place: Sendable, BitwiseCopyable {
        var key: TupleKey
        var value: UInt32
    }

    private static let none = UInt32.max
    private var places: [Place]
    private let mask: Int
    package private(set) var count = 0

    package init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        let empty = TupleKey(
            .udp, .outside, source: .none, sourcePort: Port(0), destination: .none,
            destinationPort: Port(0))
        places = Array(repeating: Place(key: empty, value: Self.none), count: size)
        mask = size - 1
    }

    package func find(_ key: TupleKey) -> UInt32? {
        let place = places[probe(key)]
        return place.value == Self.none ? nil : place.value
    }

    /// The value that now stands under `key`: the one that stood there before, if any did.
    package mutating func insertIfAbsent(_ key: TupleKey, _ value: UInt32) -> UInt32 {
        precondition(value != Self.none)
        let index = probe(key)
        if places[index].value != Self.none { return places[index].value }
        precondition(count < places.count / 2)
        places[index] = Place(key: key, value: value)
        count += 1
        return value
    }

    /// Removes `key` if it stands for `value`.
    package mutating func remove(_ key: TupleKey, _ value: UInt32) {
        var hole = probe(key)
        guard places[hole].value == value else { return }
        count -= 1
        var next = (hole + 1) & mask
        while places[next].value != Self.none {
            let home = Int(truncatingIfNeeded: places[next].key.hash) & mask
            // It may move into the hole unless that lies before its home.
            if (next - home) & mask >= (next - hole) & mask {
                places[hole] = places[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        places[hole].value = Self.none
    }

    private func probe(_ key: TupleKey) -> Int {
        var index = Int(truncatingIfNeeded: key.hash) & mask
        while places[index].value != Self.none, places[index].key != key {
            index = (index + 1) & mask
        }
        return index
    }
}
