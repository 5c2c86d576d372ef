// Invariant 6: every packet that comes in goes out, is parked in a bounded queue, or is counted under a
// named drop reason.

import Node
import Wire

/// What an engine was given and what it gave, counted at its wires.
struct PacketAccount {
    /// Packets that it was given, from sockets and other engines.
    var came: UInt64 = 0
    /// Packets that left it for other machines.
    var left: UInt64 = 0
    /// Packets that it gave to other engines of its node.
    var handedOver: UInt64 = 0

    /// After each turn: what doesn't add up; nil if all does.
    func check(_ engine: borrowing Engine) -> String? {
        let counters = engine.counters
        guard counters.packetsIn == came else {
            return "\(came) packets came, \(counters.packetsIn) were counted"
        }
        let parked = engine.parkedCount
        let out = left + handedOver
        guard out == counters.packetsOut + counters.answersMade else {
            return "\(out) packets left, \(counters.packetsOut) and \(counters.answersMade) "
                + "answers were counted"
        }
        guard came + counters.answersMade == out + counters.packetsDropped + UInt64(parked) else {
            return "\(came) came, \(out) left, \(counters.packetsDropped) dropped, "
                + "\(parked) parked, \(counters.answersMade) answers made"
        }
        guard counters.drops.reduce(0, +) == counters.packetsDropped else {
            return "a drop without a name"
        }
        // Denials of the engine's own making wait in frames, too.
        let inUse = parked + engine.unconfirmedCount
        guard engine.frames.freeCount + inUse == engine.frames.count else {
            return "a frame was lost: \(engine.frames.freeCount) are free, \(inUse) in use, of "
                + "\(engine.frames.count)"
        }
        return nil
    }
}
