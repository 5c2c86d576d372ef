// The memory of tables is reserved at start and backed with pages before the engines' first turns, so
// that no packet waits for the kernel to clear a page; until that is done the node says so.

import Synchronization
import Tables

/// How much of the engines' memory has pages. Safe from any thread.
final class MemoryBacking: Sendable {
    private let total = Atomic(0)
    private let done = Atomic(0)
    /// Engines that haven't said yet what they need.
    private let waiting: Atomic<Int>
    /// Bytes backed at one go: about 5 ms.
    private static let stepBytes = 16 << 20

    /// `engines` will each ask once.
    init(engines: Int) { waiting = Atomic(engines) }

    /// From 0 to 1; 0 until every engine has asked.
    var fraction: Double {
        guard waiting.load(ordering: .acquiring) == 0 else { return 0 }
        let total = total.load(ordering: .relaxed)
        return total == 0 ? 1 : Double(done.load(ordering: .relaxed)) / Double(total)
    }

    /// What an engine is going to back.
    func expect(_ regions: [MemoryRegion]) {
        total.wrappingAdd(regions.reduce(0) { $0 + $1.byteCount }, ordering: .relaxed)
        waiting.wrappingSubtract(1, ordering: .acquiringAndReleasing)
    }

    /// Backs the next part of a region, from an offset within it. Returns its bytes.
    func backStep(of region: MemoryRegion, from offset: Int) -> Int {
        let count = min(Self.stepBytes, region.byteCount - offset)
        // Without memory left the kernel finds pages, or doesn't, when they are written.
        _ = region.populate(from: offset, count: count)
        done.wrappingAdd(count, ordering: .relaxed)
        return count
    }
}
