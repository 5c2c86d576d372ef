// A ring between two threads: one puts in, one takes out, neither waits for the other. Engines hand
// each other packets through it; the flow events go to their reader through it.

public import Synchronization

/// The memory that the two ends of a ring share. It goes when both ends have gone.
@safe
public final class Ring<Element: BitwiseCopyable>: @unchecked Sendable {
    public let capacity: Int
    @usableFromInline let mask: Int
    // Proof for every `unsafe` use: positions are masked, and `elements` has mask + 1; an element
    // is written before `written` says so and read before `read` says so, by one thread each.
    @usableFromInline let elements: UnsafeMutablePointer<Element>
    /// Elements ever put in, on a cache line that only the producer writes.
    @usableFromInline let written: UnsafeMutablePointer<Atomic<Int>>
    /// Elements ever taken out, on a cache line that only the consumer writes.
    @usableFromInline let read: UnsafeMutablePointer<Atomic<Int>>
    private let memory: MappedMemory
    private let hasProducer = Atomic(false)
    private let hasConsumer = Atomic(false)

    /// Neighbouring lines travel together on some processors: two apart.
    private static var counterSpacingBytes: Int { 256 }

    /// A ring for at least `capacity` elements: the next power of two.
    public init(capacity minimum: Int) {
        precondition(minimum > 0 && minimum <= 1 << 40)
        let capacity = 1 << (Int.bitWidth - (minimum - 1).leadingZeroBitCount)
        self.capacity = capacity
        mask = capacity - 1
        let counters = 2 * Self.counterSpacingBytes
        memory = MappedMemory(byteCount: counters + capacity * MemoryLayout<Element>.stride)
        let base = unsafe memory.base
        unsafe written = base.bindMemory(to: Atomic<Int>.self, capacity: 1)
        unsafe read = (base + Self.counterSpacingBytes).bindMemory(
            to: Atomic<Int>.self, capacity: 1)
        unsafe written.initialize(to: Atomic(0))
        unsafe read.initialize(to: Atomic(0))
        unsafe elements = (base + counters).bindMemory(to: Element.self, capacity: capacity)
    }

    /// The end that puts in. There is one: traps the second time.
    public func makeProducer() -> RingProducer<Element> {
        precondition(!hasProducer.exchange(true, ordering: .relaxed))
        return RingProducer(ring: self)
    }

    /// The end that takes out. There is one: traps the second time.
    public func makeConsumer() -> RingConsumer<Element> {
        precondition(!hasConsumer.exchange(true, ordering: .relaxed))
        return RingConsumer(ring: self)
    }

    /// Elements in the ring: a guess while the other end is at work.
    @inlinable
    public var count: Int {
        let read = unsafe read.pointee.load(ordering: .acquiring)
        return unsafe written.pointee.load(ordering: .acquiring) - read
    }
}

/// The end of a ring that puts in; one thread owns it.
@safe
public struct RingProducer<Element: BitwiseCopyable>: ~Copyable, Sendable {
    @usableFromInline let ring: Ring<Element>
    @usableFromInline var written = 0
    /// What `read` was when it was last looked at: the other thread's line is left alone until
    /// the ring seems full.
    @usableFromInline var readBefore = 0

    init(ring: Ring<Element>) { self.ring = ring }

    /// False, and nothing done, if the ring is full.
    @inlinable
    public mutating func push(_ element: Element) -> Bool {
        if written &- readBefore == ring.capacity {
            readBefore = unsafe ring.read.pointee.load(ordering: .acquiring)
            if written &- readBefore == ring.capacity { return false }
        }
        unsafe (ring.elements + written & ring.mask).initialize(to: element)
        written &+= 1
        unsafe ring.written.pointee.store(written, ordering: .releasing)
        return true
    }
}

/// The end of a ring that takes out; one thread owns it.
@safe
public struct RingConsumer<Element: BitwiseCopyable>: ~Copyable, Sendable {
    @usableFromInline let ring: Ring<Element>
    @usableFromInline var read = 0
    @usableFromInline var writtenBefore = 0

    init(ring: Ring<Element>) { self.ring = ring }

    /// The oldest element, or nil if there is none.
    @inlinable
    public mutating func pop() -> Element? {
        if read == writtenBefore {
            writtenBefore = unsafe ring.written.pointee.load(ordering: .acquiring)
            if read == writtenBefore { return nil }
        }
        let element = unsafe ring.elements[read & ring.mask]
        read &+= 1
        unsafe ring.read.pointee.store(read, ordering: .releasing)
        return element
    }
}
