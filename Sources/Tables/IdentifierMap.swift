// From the 64-bit identifiers of the configuration to the small numbers that arrays are indexed
// by: one probe a packet finds its resource.

/// Fixed-capacity map from UInt64 to UInt32, open addressing with linear probing at most half full.
///
/// Memory: 16 bytes a slot, 32 to 64 bytes an entry. Nothing is allocated after `init`.
@safe
public struct IdentifierMap: ~Copyable {
    public let capacity: Int
    @usableFromInline let seed: UInt64
    /// One less than the number of slots, which is a power of two.
    @usableFromInline let mask: Int
    @usableFromInline var liveCount = 0
    let memory: MappedMemory
    // Proof for every `unsafe` use: positions are masked, and there are mask + 1 slots in `memory`.
    @usableFromInline let slots: UnsafeMutablePointer<IdentifierSlot>

    /// A map for `capacity` identifiers. `seed` is secret where strangers choose identifiers.
    public init(capacity: Int, seed: UInt64) {
        precondition(capacity > 0 && capacity < 1 << 40)
        self.capacity = capacity
        self.seed = seed
        let slotCount = 1 << (Int.bitWidth - (2 * capacity - 1).leadingZeroBitCount)
        mask = slotCount - 1
        memory = MappedMemory(byteCount: slotCount * MemoryLayout<IdentifierSlot>.stride)
        unsafe slots = memory.base.bindMemory(to: IdentifierSlot.self, capacity: slotCount)
    }

    @inlinable public var count: Int { liveCount }

    /// The map's memory, to be backed with pages.
    public var memoryRegion: MemoryRegion { memory.region }

    /// The number that stands for `identifier`, if any.
    @inlinable
    public subscript(identifier: UInt64) -> UInt32? {
        let slot = unsafe slots[position(of: identifier)]
        return slot.isFree ? nil : slot.number
    }

    /// Sets the number of an identifier, new or not. False, and nothing changed, if it is new and
    /// the map is full.
    @discardableResult
    public mutating func set(_ identifier: UInt64, to number: UInt32) -> Bool {
        let position = position(of: identifier)
        if unsafe slots[position].isFree {
            guard liveCount < capacity else { return false }
            liveCount += 1
        }
        unsafe slots[position] = IdentifierSlot(identifier: identifier, number: number)
        return true
    }

    /// Removes an identifier; the number that it had, or nil if it wasn't there.
    @discardableResult
    public mutating func remove(_ identifier: UInt64) -> UInt32? {
        var hole = position(of: identifier)
        let removed = unsafe slots[hole]
        guard !removed.isFree else { return nil }
        // Those behind the hole that could no longer be reached over it move into it.
        var next = hole
        while true {
            next = (next &+ 1) & mask
            let slot = unsafe slots[next]
            if slot.isFree { break }
            let distance = (next &- home(of: slot.identifier)) & mask
            guard distance >= (next &- hole) & mask else { continue }
            unsafe slots[hole] = slot
            hole = next
        }
        unsafe slots[hole] = .free
        liveCount -= 1
        return removed.number
    }

    /// Where the search for an identifier begins.
    @inlinable
    func home(of identifier: UInt64) -> Int {
        let product = (identifier ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return Int(truncatingIfNeeded: product.high ^ product.low) & mask
    }

    /// The slot of an identifier, or the free slot where it would stand. Ends, because at least
    /// half of the slots are free.
    @inlinable
    func position(of identifier: UInt64) -> Int {
        var position = home(of: identifier)
        while true {
            let slot = unsafe slots[position]
            if slot.isFree || slot.identifier == identifier { return position }
            position = (position &+ 1) & mask
        }
    }
}

/// All zero is a free slot.
@usableFromInline
struct IdentifierSlot: BitwiseCopyable {
    @usableFromInline let identifier: UInt64
    @usableFromInline let number: UInt32
    @usableFromInline let isTaken: UInt32

    static var free: IdentifierSlot { IdentifierSlot() }

    private init() {
        identifier = 0
        number = 0
        isTaken = 0
    }

    init(identifier: UInt64, number: UInt32) {
        self.identifier = identifier
        self.number = number
        isTaken = 1
    }

    @inlinable var isFree: Bool { isTaken == 0 }
}
