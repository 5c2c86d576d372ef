// Which live flow a 5-tuple belongs to: the tester's own record of translations and clients, kept
// apart from the product's tables so that it can't share their mistakes.

package import Wire

/// An IPv4 5-tuple in the scope of a virtual network, in 128 bits.
package struct TupleKey: Hashable, Sendable, BitwiseCopyable {
    /// Source address, then destination address.
    package var addresses: UInt64
    /// Protocol (8 bits), VNI (24), source port (16), destination port (16).
    package var rest: UInt64

    package init(
        _ ipProtocol: IPProtocol, _ vni: VNI, source: IPv4Address, sourcePort: Port,
        destination: IPv4Address, destinationPort: Port
    ) {
        addresses = UInt64(source.rawValue) << 32 | UInt64(destination.rawValue)
        rest =
            UInt64(ipProtocol.rawValue) << 56 | UInt64(vni.rawValue) << 32
            | UInt64(sourcePort.rawValue) << 16 | UInt64(destinationPort.rawValue)
    }

    fileprivate var hash: UInt64 { Mix.scatter(addresses ^ Mix.scatter(rest)) }
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
            .udp, .outside, source: IPv4Address(rawValue: 0), sourcePort: Port(0),
            destination: IPv4Address(rawValue: 0), destinationPort: Port(0))
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
