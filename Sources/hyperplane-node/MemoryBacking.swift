// The memory of tables is reserved at start and backed with pages by a thread of its own, so that no
// packet waits for the kernel to clear a page; until that is done the node says so.

import Foundation
import Synchronization
import Tables

/// How much of the engines' memory has pages. Safe from any thread.
final class MemoryBacking: Sendable {
    private let total = Atomic(0)
    private let done = Atomic(0)
    private let isStopping = Atomic(false)
    /// Bytes backed at one go: about 5 ms.
    private static let stepBytes = 16 << 20

    private let waiting: Atomic<Int>

    /// `engines` will each ask once.
    init(engines: Int) { waiting = Atomic(engines) }

    /// From 0 to 1; 0 until every engine has asked.
    var fraction: Double {
        guard waiting.load(ordering: .acquiring) == 0 else { return 0 }
        let total = total.load(ordering: .relaxed)
        return total == 0 ? 1 : Double(done.load(ordering: .relaxed)) / Double(total)
    }

    /// Backs all of `regions`, in the background. Their owner must live until `stop` or the end.
    func back(_ regions: [MemoryRegion]) {
        let bytes = regions.reduce(0) { $0 + $1.byteCount }
        total.wrappingAdd(bytes, ordering: .relaxed)
        waiting.wrappingSubtract(1, ordering: .acquiringAndReleasing)
        let thread = Thread { [self] in
            for region in regions { back(region) }
        }
        thread.name = "memory"
        thread.start()
    }

    func stop() { isStopping.store(true, ordering: .relaxed) }

    private func back(_ region: MemoryRegion) {
        var offset = 0
        while offset < region.byteCount, !isStopping.load(ordering: .relaxed) {
            let count = min(Self.stepBytes, region.byteCount - offset)
            // Without memory left the kernel finds pages, or doesn't, when they are written.
            _ = region.populate(from: offset, count: count)
            offset += count
            done.wrappingAdd(count, ordering: .relaxed)
        }
    }
}
