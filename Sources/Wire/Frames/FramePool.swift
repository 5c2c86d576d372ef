// Fixed packet buffers in one region of memory, named by index. Engines, sockets and AF_XDP share
// this shape, so that a packet is never copied between them. A frame in use has one owner.

/// The frames of one engine.
///
/// Layout: `count` frames of `frameBytes` each, one after the other. A received packet begins at
/// `headroomBytes`, so that longer outer headers can be written before it in place.
/// Memory: `count * frameBytes`, reserved at `init`; nothing is allocated afterwards.
@safe
public struct FramePool: ~Copyable {
    public let count: Int
    public let frameBytes: Int
    public let headroomBytes: Int
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline var free: [UInt32]

    public init(count: Int, frameBytes: Int = 10240, headroomBytes: Int = 128) {
        precondition(count > 0 && count <= Int(UInt32.max))
        precondition(headroomBytes >= 0 && headroomBytes < frameBytes && frameBytes <= 65536)
        self.count = count
        self.frameBytes = frameBytes
        self.headroomBytes = headroomBytes
        unsafe base = .allocate(byteCount: count * frameBytes, alignment: 4096)
        free = (0..<UInt32(count)).reversed()
    }

    deinit { unsafe base.deallocate() }

    /// Bytes that a packet may take from the start of the headroom's end.
    @inlinable public var capacityBytes: Int { frameBytes - headroomBytes }
    @inlinable public var freeCount: Int { free.count }

    /// A frame for the caller alone, or nil if all are in use.
    @inlinable
    public mutating func take() -> UInt32? { free.popLast() }

    /// Gives a frame back. The caller must not use it again.
    @inlinable
    public mutating func give(_ frame: UInt32) {
        precondition(Int(frame) < count && free.count < count)
        free.append(frame)
    }

    /// The bytes of a frame from `start`, `count` of them. Traps outside the frame.
    @inlinable
    @_lifetime(borrow self)
    public func bytes(_ frame: UInt32, start: Int, count byteCount: Int) -> RawSpan {
        let address = unsafe checkedAddress(frame, start: start, byteCount: byteCount)
        // Proof: the range was just checked, and the region lives as long as `self`.
        let span = unsafe RawSpan(_unsafeStart: address, byteCount: byteCount)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// The same, to write to.
    @inlinable
    @_lifetime(&self)
    public mutating func mutableBytes(
        _ frame: UInt32, start: Int, count byteCount: Int
    ) -> MutableRawSpan {
        let address = unsafe checkedAddress(frame, start: start, byteCount: byteCount)
        // Proof: as above; exclusive, because it borrows the only owner mutably.
        let span = unsafe MutableRawSpan(_unsafeStart: address, byteCount: byteCount)
        return unsafe _overrideLifetime(span, mutating: &self)
    }

    /// Copies `count` bytes from one frame into another. Traps outside the frames, or if they are
    /// the same.
    @inlinable
    public mutating func copy(
        _ source: UInt32, start: Int, count byteCount: Int, to target: UInt32,
        start targetStart: Int
    ) {
        precondition(source != target)
        let from = unsafe checkedAddress(source, start: start, byteCount: byteCount)
        let to = unsafe checkedAddress(target, start: targetStart, byteCount: byteCount)
        // Proof: both ranges were just checked, and two frames don't overlap.
        unsafe to.copyMemory(from: from, byteCount: byteCount)
    }

    /// Where a frame's byte `start` lies, for system calls. Traps if `byteCount` bytes from there
    /// are not inside the frame. The address is valid while the pool lives.
    @inlinable
    public func checkedAddress(
        _ frame: UInt32, start: Int, byteCount: Int
    ) -> UnsafeMutableRawPointer {
        precondition(
            Int(frame) < count && start >= 0 && byteCount >= 0
                && start <= frameBytes - byteCount)
        return unsafe base + (Int(frame) * frameBytes + start)
    }
}
