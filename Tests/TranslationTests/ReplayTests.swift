// A follower that takes its leader's entries has its leader's tables: random creations, ends, returns
// to life and expiry, told in order and sometimes twice.

import Configuration
import Tables
import Testing
import Wire

@testable import Translation

struct ReplayTests {
    /// Leader and follower on clocks that have nothing in common.
    struct Pair {
        let leader = ReplayEngine(seed: 1)
        let follower = ReplayEngine(seed: 2)
        var now = Tick.seconds(1_000)
        let skew: UInt64 = 77_000_000_000
        var random: ReplayRandom
        var pending: [ReplayPending] = []
        var told: [SentEntry] = []

        init(seed: UInt64) {
            random = ReplayRandom(state: seed)
            follower.lead(false)
        }

        var followersNow: Tick { now + skew }

        mutating func step() throws {
            switch random.below(16) {
            case 0..<9:
                var packet = ReplayPacket.random(&random)
                packet.isGivenBack =
                    packet.resource != ReplayWorld.nat && random.below(12) == 0
                pending += leader.send(packet, at: now)
            case 9..<13: try commit(random.below(pending.count + 1))
            case 13:
                now = now + UInt64(random.below(3_000)) * 1_000_000
                pending += leader.sweep(at: now)
                #expect(follower.sweep(at: followersNow).isEmpty, "only leaders expire")
            case 14: now = now + UInt64(random.below(60)) * 1_000_000_000
            default: try tellAgain()
            }
        }

        /// Followers have the oldest so many.
        mutating func commit(_ count: Int) throws {
            for decision in pending.prefix(count) {
                leader.commit(decision, at: now)
                let outcome = try follower.replay(decision.sent, at: followersNow)
                #expect(!outcome.isLoss, "\(outcome) of \(decision.sent.entry)")
                told.append(decision.sent)
            }
            pending.removeFirst(count)
        }

        /// A new leader's tail: the last few, once more.
        mutating func tellAgain() throws {
            guard let last = told.last else { return }
            let outcome = try follower.replay(last, at: followersNow)
            #expect(outcome != .applied || !last.entry.isFlow, "\(outcome) of \(last.entry)")
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
    func `a follower's tables are its leader's`(seed: UInt64) throws {
        var pair = Pair(seed: seed)
        for _ in 0..<1_500 {
            try pair.step()
            if pair.random.below(50) == 0 {
                try pair.commit(pair.pending.count)
                pair.leader.expectSame(as: pair.follower, pair.now, pair.followersNow)
                pair.leader.checkInvariants()
                pair.follower.checkInvariants()
            }
        }
        #expect(pair.follower.translator.replays[.applied] > 200)
    }

    @Test(arguments: [UInt64(11), 12, 13])
    func `what is never committed leaves nothing behind`(seed: UInt64) throws {
        var pair = Pair(seed: seed)
        for _ in 0..<800 {
            try pair.step()
            guard pair.random.below(40) == 0 else { continue }
            // The leader is deposed: its tail is void, newest first.
            for decision in pair.pending.reversed() { pair.leader.undo(decision, at: pair.now) }
            pair.pending.removeAll()
            pair.leader.checkInvariants()
            pair.leader.expectSame(
                as: pair.follower, pair.now, pair.followersNow, quietMayDiffer: true)
        }
    }
}

extension FlowEntry {
    var isFlow: Bool {
        switch self {
        case .create, .sticky: true
        default: false
        }
    }
}
