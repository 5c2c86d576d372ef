// What one engine counts beside its resources: every packet that came in, and what became of it.

public import Translation
import Wire

/// Counts since the engine's start. in = out + parked + dropped.
public struct EngineCounters: Sendable {
    /// From sockets and from other engines of the node.
    public var packetsIn: UInt64 = 0
    /// Translated and sent.
    public var packetsForwarded: UInt64 = 0
    /// Passed on as they were to the leader of their bucket.
    public var packetsPassedOn: UInt64 = 0
    /// Given to the engine that owns their bucket.
    public var packetsHandedOver: UInt64 = 0
    /// Of those passed on: to the borrowers of their ports.
    public var packetsOverLoan: UInt64 = 0
    public var packetsDropped: UInt64 = 0
    /// Batches of peers, which are no packets.
    public var batchesIn: UInt64 = 0
    public var batchesOut: UInt64 = 0
    /// Answers of this engine's own making, and resets of expired flows: neither in nor out.
    public var answersMade: UInt64 = 0
    /// Answers that were not made: beyond their rate, or for want of a frame.
    public var answersSuppressed: UInt64 = 0
    /// Answers that deny a flow, and of loans, that no follower confirmed in time, or for which there was
    /// no room to wait.
    public var denialsDropped: UInt64 = 0
    /// Loans of a committed entry for which there was no room: this copy lacks them.
    public var loansUnkept: UInt64 = 0
    /// Flows, led or followed, that ended since the bucket that their port was borrowed of began anew.
    public var flowsOnVoidLoans: UInt64 = 0
    /// Packets that were cut because they were too long for the way ahead.
    public var packetsFragmented: UInt64 = 0
    /// Fragments of which the ports weren't known: taken in by the collector, and passed, dropped
    /// or waiting since.
    public var fragmentsCollected: UInt64 = 0
    public var turns: UInt64 = 0
    public var decisions: UInt64 = 0
    /// Entries of peers that this release can't read.
    public var entriesMisread: UInt64 = 0
    /// Drops by reason, those of known resources too.
    public private(set) var drops = [UInt64](repeating: 0, count: DropReason.count)

    public init() {}

    public var packetsOut: UInt64 { packetsForwarded + packetsPassedOn + packetsHandedOver }

    /// A packet counted as forwarded, or as an answer, was not sent: the lease ended. Of one in pieces
    /// the first counts.
    mutating func countUnleased(_ role: PacketRole) {
        switch role {
        case .forwarded:
            packetsForwarded -= 1
            countDrop(DropReason(.leaseEnded))
        case .answer:
            answersMade -= 1
            answersSuppressed += 1
        case .piece, .other: break
        }
    }

    /// A packet counted as handed over found the ring full.
    mutating func countLostHandOver() {
        packetsHandedOver -= 1
        countDrop(DropReason(.engineRingFull))
    }

    public mutating func countDrop(_ reason: DropReason) {
        packetsDropped += 1
        drops[Int(reason.rawValue)] += 1
    }

    /// Adds another engine's counts, for reports.
    public static func += (left: inout Self, right: Self) {
        left.packetsIn += right.packetsIn
        left.packetsForwarded += right.packetsForwarded
        left.packetsPassedOn += right.packetsPassedOn
        left.packetsHandedOver += right.packetsHandedOver
        left.packetsDropped += right.packetsDropped
        left.packetsOverLoan += right.packetsOverLoan
        left.batchesIn += right.batchesIn
        left.batchesOut += right.batchesOut
        left.answersMade += right.answersMade
        left.answersSuppressed += right.answersSuppressed
        left.denialsDropped += right.denialsDropped
        left.loansUnkept += right.loansUnkept
        left.flowsOnVoidLoans += right.flowsOnVoidLoans
        left.packetsFragmented += right.packetsFragmented
        left.fragmentsCollected += right.fragmentsCollected
        left.turns += right.turns
        left.decisions += right.decisions
        for index in left.drops.indices { left.drops[index] += right.drops[index] }
    }
}
