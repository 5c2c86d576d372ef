// How many flows each target has, as far as this engine decided them: what "least flows" chooses
// by. Every leader evens out its own flows, and the sum of even parts is even.

import Tables
import Wire

/// Flows by target id. Fixed capacity: targets beyond it count as without flows.
struct TargetLoads: ~Copyable {
    private var index: IdentifierMap
    private var flows: [UInt32]
    private var free: [UInt32]

    init(capacity: Int, seed: UInt64) {
        index = IdentifierMap(capacity: capacity, seed: seed)
        flows = Array(repeating: 0, count: capacity)
        free = (0..<UInt32(capacity)).reversed()
    }

    subscript(target: UInt64) -> UInt32 {
        guard let slot = index[target] else { return 0 }
        return flows[Int(slot)]
    }

    mutating func add(_ target: UInt64) {
        if let slot = index[target] {
            flows[Int(slot)] += 1
            return
        }
        guard let slot = free.popLast() else { return }
        index.set(target, to: slot)
        flows[Int(slot)] = 1
    }

    mutating func remove(_ target: UInt64) {
        guard let slot = index[target] else { return }
        flows[Int(slot)] -= 1
        guard flows[Int(slot)] == 0 else { return }
        index.remove(target)
        free.append(slot)
    }
}
