// What packets name, found by one or two loads: identifiers and addresses of the snapshot. Built
// with the resource table and never changed under a packet, so that engines share its memory.

package import Wire

/// A key that can be spread over a table. The values come from the configuration, so no stranger
/// chooses what collides.
package protocol FlatKey: Hashable, BitwiseCopyable, Sendable {
    /// All bits of the key, mixed.
    var mixed: UInt64 { get }
}

/// A map by open addressing, at most half full. Order of insertion doesn't show.
package struct FlatMap<Key: FlatKey, Value: BitwiseCopyable & Sendable>: Sendable {
    private struct Slot: Sendable, BitwiseCopyable {
        var key: Key
        var value: Value
    }

    /// One entry a slot: of a free slot, nil.
    private var slots: [Slot?] = [nil, nil]
    package private(set) var count = 0

    package init() {}

    private var mask: Int { slots.count &- 1 }

    package subscript(key: Key) -> Value? {
        var position = Int(truncatingIfNeeded: key.mixed) & mask
        while let slot = slots[position] {
            if slot.key == key { return slot.value }
            position = (position &+ 1) & mask
        }
        return nil
    }

    /// Sets the value of a key, new or not.
    package mutating func set(_ key: Key, to value: Value) {
        if 2 * (count + 1) > slots.count { grow() }
        var position = Int(truncatingIfNeeded: key.mixed) & mask
        while let slot = slots[position], slot.key != key { position = (position + 1) & mask }
        if slots[position] == nil { count += 1 }
        slots[position] = Slot(key: key, value: value)
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: nil, count: 2 * old.count)
        count = 0
        for case .some(let slot) in old { set(slot.key, to: slot.value) }
    }
}

/// Folded multiplication: every bit of the word reaches the low bits of the result.
@inline(__always)
private func folded(_ word: UInt64) -> UInt64 {
    let product = word.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
}

extension IPv6Address: FlatKey {
    package var mixed: UInt64 { folded(high ^ folded(low)) }
}

extension UInt64: FlatKey {
    package var mixed: UInt64 { folded(self) }
}

extension ResourceID: FlatKey {
    package var mixed: UInt64 { folded(rawValue) }
}

extension VNI: FlatKey {
    package var mixed: UInt64 { folded(UInt64(rawValue)) }
}
