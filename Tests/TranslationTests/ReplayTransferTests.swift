// State transfer, touches and reigns: a member that was filled by its leader goes on as the leader would
// have.

import Configuration
import Tables
import Testing
import Wire

@testable import Translation

struct ReplayTransferTests {
    /// A leader with a random past, and what is uncommitted of it.
    private func leader(
        seed: UInt64, at now: inout Tick
    ) -> (engine: ReplayEngine, pending: [ReplayPending]) {
        let leader = ReplayEngine(seed: seed)
        var random = ReplayRandom(state: seed)
        var pending: [ReplayPending] = []
        for _ in 0..<400 {
            now = now + UInt64(random.below(2_000)) * 1_000_000
            pending += leader.send(.random(&random), at: now)
            if random.below(9) == 0 { pending += leader.sweep(at: now) }
            while pending.count > 5 { leader.commit(pending.removeFirst(), at: now) }
        }
        return (leader, pending)
    }

    private func transfer(_ leader: ReplayEngine, at now: Tick) -> [SentEntry] {
        let v4 = leader.handles(leader.v4).compactMap { handle in
            leader.translator.recordEntry(handle, in: leader.v4, at: now).map {
                SentEntry(entry: $0, bucket: leader.v4[hot: handle].bucket)
            }
        }
        let v6 = leader.handles(leader.v6).compactMap { handle in
            leader.translator.recordEntry(handle, in: leader.v6, at: now).map {
                SentEntry(entry: $0, bucket: leader.v6[hot: handle].bucket)
            }
        }
        return v4 + v6
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `an empty member is filled, whatever is uncommitted meanwhile`(seed: UInt64) throws {
        var now = Tick.seconds(500)
        let (leader, pending) = leader(seed: seed, at: &now)
        let member = ReplayEngine(seed: ~seed)
        member.lead(false)
        let membersNow = Tick.seconds(3)
        // The stream has the pending entries already; then come the records, one of them twice.
        let records = transfer(leader, at: now)
        #expect(records.count > 20)
        for sent in records { #expect(try !member.replay(sent, at: membersNow).isLoss) }
        for sent in records.prefix(9) { #expect(try !member.replay(sent, at: membersNow).isLoss) }
        for decision in pending {
            leader.commit(decision, at: now)
            #expect(try !member.replay(decision.sent, at: membersNow).isLoss)
        }
        leader.expectSame(as: member, now, membersNow, quietMayDiffer: false)
        leader.checkInvariants()
        member.checkInvariants()
        // Its ages are the leader's.
        let first = leader.handles(leader.v4).first
        let handle = try #require(first)
        let record = leader.v4[hot: handle]
        let key = IPv4FlowLayout.key(of: record, direction: .outbound)
        let found = member.v4.find(key)
        let copy = try #require(found)
        #expect(
            now.centiseconds &- record.lastSeenCentiseconds
                == membersNow.centiseconds
                &- member.v4[hot: copy.handle].lastSeenCentiseconds)
        #expect(member.v4[hot: copy.handle].packets(.outbound) == record.packets(.outbound))
        #expect(member.v4[hot: copy.handle].bytes(.outbound) == record.bytes(.outbound))
    }

    // DESIGN part 5, rule 16.
    @Test func `a port that was told of while its flow's end was on the way rests from the end on`()
        throws
    {
        let leader = ReplayEngine(seed: 1)
        let member = ReplayEngine(seed: 2)
        member.lead(false)
        var now = Tick.seconds(1_000)
        leader.commit(try #require(leader.send(udp(1), at: now).first), at: now)
        let timeouts = leader.translator.resources.resources[0].timeouts
        now = now + UInt64(timeouts.udpSeconds + 1) * 1_000_000_000
        let end = try #require(leader.sweep(at: now).first)
        for sent in transfer(leader, at: now) {
            #expect(try member.replay(sent, at: now) == .applied)
        }
        #expect(member.records(quiet: false).count == 1, "it lives until its end is committed")
        for wait in [UInt64(2_500), 1_500] {
            // A follower was slow to store it; then the quiet time runs.
            now = now + wait * 1_000_000
            _ = member.sweep(at: now)
            if wait == 2_500 { #expect(try member.replay(end.sent, at: now) == .applied) }
            #expect(member.records().map(\.state) == [.quiet])
        }
        _ = member.sweep(at: now + 600_000_000)
        #expect(member.records().isEmpty)
    }

    @Test(arguments: [UInt64(4), 5])
    func `a discarded bucket gives everything back`(seed: UInt64) throws {
        var now = Tick.seconds(500)
        let engine = leader(seed: seed, at: &now).engine
        let before = engine.records().count
        for chain in 0..<ReplayWorld.buckets {
            var calls = 0
            while !engine.translator.discard(
                chain: chain, limit: 7, &engine.v4, &engine.v6, at: now)
            {
                calls += 1
                engine.checkInvariants()
                try #require(calls < 1_000)
            }
            #expect(engine.v4.isEmpty(chain: chain) && engine.v6.isEmpty(chain: chain))
        }
        #expect(before > 20 && engine.v4.count == 0 && engine.v6.count == 0)
        #expect(engine.translator.attachments.count == 0)
        #expect(engine.translator.quotas.flows(ofTenant: 0) == 0)
        #expect(engine.translator.lentCount == 0)
        #expect(engine.translator.takeLoanChanges().isEmpty)
    }

    // MARK: Touches

    private func touches(_ leader: ReplayEngine, at now: Tick) -> [SentEntry] {
        var told: [SentEntry] = []
        func tell(_ notice: TouchNotice) {
            told.append(SentEntry(entry: .touch(notice.touch), bucket: notice.bucket))
        }
        while !leader.translator.collectTouches(in: &leader.v4, limit: 100, at: now, tell: tell) {}
        while !leader.translator.collectTouches(in: &leader.v6, limit: 100, at: now, tell: tell) {}
        return told
    }

    private func udp(_ port: UInt16) -> ReplayPacket {
        ReplayPacket(
            resource: ReplayWorld.nat,
            tuple: FlowTuple(
                ipProtocol: .udp, source: .v4(IPv4Address(10, 0, 0, 1)), sourcePort: Port(port),
                destination: .v4(IPv4Address(198, 51, 100, 1)), destinationPort: Port(443)))
    }

    private func begin(
        _ packet: ReplayPacket, _ leader: ReplayEngine, _ follower: ReplayEngine, at now: Tick
    ) throws -> FlowHandle {
        let decided = try #require(leader.send(packet, at: now).first)
        leader.commit(decided, at: now)
        #expect(try follower.replay(decided.sent, at: now) == .applied)
        return decided.handle
    }

    @Test func `a flow in use is told about eight times in its idle time, an idle one is not`()
        throws
    {
        let leader = ReplayEngine(seed: 1)
        let follower = ReplayEngine(seed: 2)
        follower.lead(false)
        var now = Tick.seconds(1_000)
        let busy = try begin(udp(1), leader, follower, at: now)
        _ = try begin(udp(2), leader, follower, at: now)
        let idleSeconds = leader.translator.resources.resources[0].timeouts.udpSeconds
        _ = touches(leader, at: now)
        var told: [UInt16: Int] = [:]
        for _ in 0..<4 * idleSeconds {
            now = now + 1_000_000_000
            _ = leader.send(udp(1), at: now)
            for sent in touches(leader, at: now) {
                guard case .touch(let touch) = sent.entry else { continue }
                told[touch.name.outbound.sourcePort.rawValue, default: 0] += 1
                #expect(try follower.replay(sent, at: now) == .applied)
            }
        }
        #expect((28...36).contains(told[1] ?? 0), "\(told)")
        #expect((told[2] ?? 0) <= 2, "\(told)")
        let record = leader.v4[hot: busy]
        let key = IPv4FlowLayout.key(of: record, direction: .outbound)
        let found = follower.v4.find(key)
        let copy = try #require(found).handle
        let age = now.centiseconds &- follower.v4[hot: copy].lastSeenCentiseconds
        #expect(age <= idleSeconds * 100 / 8 + 200)
        #expect(follower.v4[hot: copy].packets(.outbound) > 0)
    }

    @Test func `a state that changed is told at once, and only once`() throws {
        let leader = ReplayEngine(seed: 1)
        let follower = ReplayEngine(seed: 2)
        follower.lead(false)
        let now = Tick.seconds(1_000)
        var packet = udp(7)
        packet.tuple.ipProtocol = .tcp
        let handle = try begin(packet, leader, follower, at: now)
        _ = touches(leader, at: now)
        leader.v4[hot: handle].state = .tcpEstablished
        let told = touches(leader, at: now)
        #expect(told.count == 1)
        #expect(try follower.replay(told[0], at: now) == .applied)
        #expect(follower.v4[hot: follower.handles(follower.v4)[0]].state == .tcpEstablished)
        #expect(touches(leader, at: now).isEmpty)
        // Who leads has the last word.
        follower.lead(true)
        #expect(try follower.replay(told[0], at: now) == .known)
        // What is told of another protocol's state, or of nobody, changes nothing.
        follower.lead(false)
        guard case .touch(var touch) = told[0].entry else { return }
        touch.progress.state = .quiet
        let odd = SentEntry(entry: .touch(touch), bucket: told[0].bucket)
        #expect(try follower.replay(odd, at: now) == .known)
        touch.name.outbound.sourcePort = Port(8)
        let nobody = SentEntry(entry: .touch(touch), bucket: told[0].bucket)
        #expect(try follower.replay(nobody, at: now) == .unknownFlow)
    }

    // MARK: Reigns

    // DESIGN part 5, rule 15.
    @Test func `a follower expires nothing, and its reign counts nothing before it as idleness`()
        throws
    {
        let leader = ReplayEngine(seed: 1)
        let follower = ReplayEngine(seed: 2)
        follower.lead(false)
        var now = Tick.seconds(1_000)
        _ = try begin(udp(1), leader, follower, at: now)
        let idle = UInt64(leader.translator.resources.resources[0].timeouts.udpSeconds)
        now = now + (idle + 5) * 1_000_000_000
        #expect(follower.sweep(at: now).isEmpty)
        // It takes over: a packet of a moment ago may be known to the old leader alone.
        follower.lead(true, since: now, knowsSince: now)
        #expect(follower.sweep(at: now).isEmpty)
        now = now + (idle - 1) * 1_000_000_000
        #expect(follower.sweep(at: now).isEmpty)
        now = now + 1_000_000_000
        let ends = follower.sweep(at: now)
        #expect(ends.count == 1)
        #expect(follower.sweep(at: now).isEmpty, "proposed twice")
    }

    // DESIGN part 5, rule 16.
    @Test func `quiet times begin again with a reign`() throws {
        let leader = ReplayEngine(seed: 1)
        let follower = ReplayEngine(seed: 2)
        follower.lead(false)
        var now = Tick.seconds(1_000)
        _ = try begin(udp(1), leader, follower, at: now)
        now = now + 3_600_000_000_000
        for end in leader.sweep(at: now) {
            leader.commit(end, at: now)
            #expect(try follower.replay(end.sent, at: now) == .applied)
        }
        let quiet = UInt64(ReplayWorld.snapshot.cluster.quietSeconds) * 1_000_000_000
        now = now + quiet / 2
        follower.lead(true, since: now)
        now = now + quiet * 3 / 4
        _ = leader.sweep(at: now)
        _ = follower.sweep(at: now)
        #expect(leader.v4.count == 0 && follower.v4.count == 1)
        now = now + quiet / 2
        _ = follower.sweep(at: now)
        #expect(follower.v4.count == 0)
        follower.checkInvariants()
    }
}
