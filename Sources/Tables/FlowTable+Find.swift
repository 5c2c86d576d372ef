// Looking flows up. For a batch: `hash` all keys, `prefetchIndex` all hashes, `prefetchRecord` all
// hashes, perhaps `prefetchStrayedRecord`, `find` all keys. Each stage reads only what the stage
// before has asked for, so a batch of 32 costs about three waits for memory and not 64.

public import CIntrinsics
public import Wire

extension FlowTable {
    /// The hash that the other methods want with a key.
    @inlinable @inline(__always)
    public func hash(_ key: Key) -> UInt64 { Layout.hash(key, seed: seed) }

    /// First stage: asks for the line of the index.
    @inlinable @inline(__always)
    public func prefetchIndex(_ hash: UInt64) {
        unsafe hp_prefetch(index.address(index.homeLine(of: hash)))
    }

    /// Second stage: asks for the hot record, or for the other line of the index if the first
    /// holds none of this tag but others have strayed from it.
    @inlinable @inline(__always)
    public func prefetchRecord(_ hash: UInt64) {
        let line = index.homeLine(of: hash)
        let tag = FlowIndex.tag(of: hash)
        let places = index.places(in: line, holding: tag)
        if places != 0 {
            let slot = Int(index.entry(line, places.trailingZeroBitCount) &>> 1)
            prefetchHot(slot)
            unsafe hp_prefetch(liveWords + slot &>> 6)
        } else if index.strayed(line) != 0 {
            unsafe hp_prefetch(index.address(index.partner(of: line, tag: tag)))
        }
    }

    /// A further stage, for batches of which every nanosecond counts: asks for the hot records of
    /// those whose entries stand away from home, one in seventeen in a full table.
    @inlinable @inline(__always)
    public func prefetchStrayedRecord(_ hash: UInt64) {
        let line = index.homeLine(of: hash)
        let tag = FlowIndex.tag(of: hash)
        if index.places(in: line, holding: tag) != 0 || index.strayed(line) == 0 { return }
        let partner = index.partner(of: line, tag: tag)
        let places = index.places(in: partner, holding: tag)
        guard places != 0 else { return }
        prefetchHot(Int(index.entry(partner, places.trailingZeroBitCount) &>> 1))
    }

    /// Asks for the lines of a hot record, at most two.
    @inlinable @inline(__always)
    func prefetchHot(_ slot: Int) {
        let address = unsafe UnsafeRawPointer(hots + slot)
        unsafe hp_prefetch_for_write(address)
        if MemoryLayout<Hot>.stride > 64 { unsafe hp_prefetch_for_write(address + 64) }
    }

    /// The flow that has `key` in one of its directions.
    ///
    /// - Parameter hash: `hash(key)`.
    @inlinable @inline(__always)
    public func find(_ key: Key, hash: UInt64) -> FlowMatch? {
        let home = index.homeLine(of: hash)
        let tag = FlowIndex.tag(of: hash)
        if let match = match(key, tag: tag, in: home) { return match }
        if index.strayed(home) == 0 { return nil }
        return match(key, tag: tag, in: index.partner(of: home, tag: tag))
    }

    @inlinable
    public func find(_ key: Key) -> FlowMatch? { find(key, hash: hash(key)) }

    @inlinable
    public func contains(_ key: Key) -> Bool { find(key) != nil }

    @inlinable @inline(__always)
    func match(_ key: Key, tag: UInt16, in line: Int) -> FlowMatch? {
        var places = index.places(in: line, holding: tag)
        while places != 0 {
            let entry = index.entry(line, places.trailingZeroBitCount)
            let slot = Int(entry &>> 1)
            let direction = FlowTable.direction(of: entry)
            if unsafe Layout.key(of: hots[slot], direction: direction) == key {
                return FlowMatch(
                    handle: FlowHandle(rawValue: entry &>> 1), direction: direction)
            }
            places &= places &- 1
        }
        return nil
    }

    /// What the index keeps: the slot, and the direction in the lowest bit.
    @inlinable @inline(__always)
    static func entry(_ slot: Int, _ direction: FlowDirection) -> UInt32 {
        UInt32(truncatingIfNeeded: slot) &<< 1 | UInt32(direction.rawValue)
    }

    @inlinable @inline(__always)
    static func direction(of entry: UInt32) -> FlowDirection {
        // Proof: the raw values of the two directions are 0 and 1.
        unsafe unsafeBitCast(UInt8(truncatingIfNeeded: entry & 1), to: FlowDirection.self)
    }
}
