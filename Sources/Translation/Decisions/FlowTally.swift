// How many flows something has, as far as this engine decided them: a target, for "least flows", where
// every leader evens out its own and the sum of even parts is even; an inside address, for its limit.

import Tables
import Wire

/// Flows by a name of 64 bits. Fixed capacity: what is beyond it counts as without flows.
struct FlowTally: ~Copyable {
    private var index: IdentifierMap
    private var flows: [UInt32]
    private var free: [UInt32]

    init(capacity: Int, seed: UInt64) {
        index = IdentifierMap(capacity: capacity, seed: seed)
        flows = Array(repeating: 0, count: capacity)
        free = (0..<UInt32(capacity)).reversed()
    }

    /// The memory that is worth backing with pages ahead of use.
    var memoryRegion: MemoryRegion { index.memoryRegion }

    subscript(name: UInt64) -> UInt32 {
        guard let slot = index[name] else { return 0 }
        return flows[Int(slot)]
    }

    mutating func add(_ name: UInt64) {
        if let slot = index[name] {
            flows[Int(slot)] += 1
            return
        }
        guard let slot = free.popLast() else { return }
        index.set(name, to: slot)
        flows[Int(slot)] = 1
    }

    mutating func remove(_ name: UInt64) {
        guard let slot = index[name] else { return }
        flows[Int(slot)] -= 1
        guard flows[Int(slot)] == 0 else { return }
        index.remove(name)
        free.append(slot)
    }
}
