// Zeroed memory straight from the kernel, in huge pages where they pay. Tables reserve all they
// will ever use from here when they are made; nothing is touched before it is needed, so that
// making a table of 100 million flows takes no time.

internal import CIntrinsics

/// A private mapping that one owner holds. Its contents are zero at first.
@safe
@usableFromInline
struct MappedMemory: ~Copyable, @unchecked Sendable {
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let byteCount: Int

    static let pageBytes = 4096

    /// Rounds up to whole pages. Traps when the kernel has no address space left: a table's size
    /// is stated at start, and there is no way on without it.
    init(byteCount: Int) {
        precondition(byteCount >= 0)
        let bytes = Self.roundedUp(max(byteCount, 1))
        guard let base = unsafe hp_map_zeroed(bytes) else {
            preconditionFailure("the kernel refused to map \(bytes) bytes")
        }
        unsafe self.base = base
        self.byteCount = bytes
    }

    // Inlinable, because tables that are inlined elsewhere are destroyed there; the optimizer of
    // Swift 6.3 stops with an assertion otherwise.
    @inlinable deinit { unmap() }

    @usableFromInline
    func unmap() { unsafe hp_unmap(base, byteCount) }

    static func roundedUp(_ bytes: Int) -> Int {
        (bytes + pageBytes - 1) & ~(pageBytes - 1)
    }

    var region: MemoryRegion { unsafe MemoryRegion(base: base, byteCount: byteCount) }
}

/// A part of a table's memory, for the thread that backs it with pages while the table is already
/// in use. Populating changes no contents, so it needs no agreement with the table's owner; the
/// table must outlive it.
@safe
public struct MemoryRegion: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    public let byteCount: Int

    /// The memory itself, for measurements on it. The table writes to it whenever it is used.
    @unsafe public var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: base, count: byteCount)
    }

    /// Backs `count` bytes from `offset` with pages; both are rounded out to whole pages and cut
    /// at the end. False if the kernel has no memory left.
    public func populate(from offset: Int, count: Int) -> Bool {
        precondition(offset >= 0 && count >= 0)
        let start = min(offset, byteCount) & ~(MappedMemory.pageBytes - 1)
        let end = min(MappedMemory.roundedUp(min(offset, byteCount) + count), byteCount)
        guard end > start else { return true }
        // Proof: start and end lie within the mapping.
        return unsafe hp_populate(base + start, end - start) == 0
    }
}
