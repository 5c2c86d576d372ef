// A node tells its subscribers what they don't know, at once, and no one else.

import Steering
import Testing
import Wire

struct ViewAnnouncerTests {
    static let router = IPAddress.v4(IPv4Address(127, 0, 1, 1))
    static let edge = IPAddress.v4(IPv4Address(127, 0, 2, 1))
    static let second: UInt64 = 1_000_000_000

    private func announcer(_ change: (inout AnnouncerSettings) -> Void = { _ in })
        -> ViewAnnouncer<IdentityAnnouncementSealer>
    {
        var settings = AnnouncerSettings()
        settings.subscriberCapacity = 4
        settings.groupCapacity = 3
        change(&settings)
        return ViewAnnouncer(
            cluster: 5, settings: settings, sealer: IdentityAnnouncementSealer())
    }

    private func view(_ group: UInt64, _ number: UInt64, term: UInt32 = 0) -> ViewAnnouncement {
        ViewAnnouncement(
            cluster: 5, group: group,
            ballot: Ballot(generation: 1, number: number, proposer: NodeID(rawValue: 1)),
            members: [NodeID(rawValue: 1), NodeID(rawValue: 2)], live: [.init(rawValue: 3)],
            leads: [BucketLead(seat: 0, term: term), BucketLead(seat: 1, term: 0)])
    }

    private func subscribe(
        _ announcer: inout ViewAnnouncer<IdentityAnnouncementSealer>, _ known: [KnownView],
        from who: IPAddress = router, cluster: UInt64 = 5, at now: Tick
    ) -> AnnouncementError? {
        var bytes = [UInt8](repeating: 0, count: Subscription.byteCount(groups: known.count))
        var span = bytes.mutableRawSpan
        _ = Subscription.write(cluster: cluster, groups: known[...], to: &span)
        return announcer.handle(bytes.rawSpan, from: who, at: now)
    }

    private func told(
        _ announcer: inout ViewAnnouncer<IdentityAnnouncementSealer>, at now: Tick
    ) throws -> [String] {
        var told: [String] = []
        var bytes = [UInt8](repeating: 0, count: ViewAnnouncement.maximumBytes(buckets: 2))
        var span = bytes.mutableRawSpan
        while let (who, length) = announcer.poll(at: now, into: &span) {
            let read = try ViewAnnouncement.parse(span.bytes.extracting(0..<length))
            told.append("\(who) \(read.group)/\(read.ballot.number)+\(read.change)")
        }
        announcer.checkInvariants()
        return told.sorted()
    }

    @Test func `a new subscriber is told at once, one that knows as much isn't`() throws {
        var announcer = announcer()
        let now = Tick.seconds(10)
        announcer.update(view(9, 2))
        #expect(try told(&announcer, at: now).isEmpty)
        #expect(subscribe(&announcer, [KnownView(group: 9), KnownView(group: 8)], at: now) == nil)
        #expect(try told(&announcer, at: now) == ["127.0.1.1 9/2+0"])
        #expect(
            subscribe(&announcer, [KnownView(group: 9, ballot: view(9, 2).ballot)], at: now) == nil)
        #expect(try told(&announcer, at: now).isEmpty)
    }

    @Test func `a change goes to all subscribers of the group and to no others`() throws {
        var announcer = announcer()
        let now = Tick.seconds(10)
        announcer.update(view(9, 1))
        announcer.update(view(8, 1))
        #expect(try told(&announcer, at: now).isEmpty)
        for who in [Self.router, Self.edge] {
            _ = subscribe(
                &announcer, [KnownView(group: 9, ballot: view(9, 1).ballot)], from: who, at: now)
        }
        announcer.update(view(8, 2))
        #expect(try told(&announcer, at: now).isEmpty)
        announcer.update(view(9, 2))
        announcer.update(view(9, 2, term: 1))
        #expect(try told(&announcer, at: now) == ["127.0.1.1 9/2+1", "127.0.2.1 9/2+1"])
        let isNews = announcer.update(view(9, 2)) || announcer.update(view(9, 1, term: 9))
        #expect(!isNews)
        #expect(try told(&announcer, at: now).isEmpty)
    }

    @Test func `a subscriber that falls silent hears nothing more`() throws {
        var announcer = announcer()
        announcer.update(view(9, 1))
        _ = subscribe(&announcer, [KnownView(group: 9)], at: .seconds(10))
        _ = try told(&announcer, at: .seconds(10))
        announcer.update(view(9, 2))
        #expect(try told(&announcer, at: .seconds(13)).count == 1)
        announcer.update(view(9, 3))
        #expect(try told(&announcer, at: .seconds(14)).isEmpty)
        #expect(announcer.subscriberCount(ofGroup: 9, at: .seconds(14)) == 0)
    }

    @Test func `a stale sender is told again, but not with every packet`() throws {
        var announcer = announcer()
        let now = Tick.seconds(10)
        announcer.update(view(9, 1))
        announcer.stale(sender: Self.router, group: 9, at: now)
        #expect(try told(&announcer, at: now).isEmpty)
        _ = subscribe(&announcer, [KnownView(group: 9)], at: now)
        _ = try told(&announcer, at: now)
        for packet in 0..<100 as Range<UInt64> {
            announcer.stale(sender: Self.router, group: 9, at: now + packet * 10_000)
        }
        #expect(try told(&announcer, at: now).count == 1)
        announcer.stale(sender: Self.router, group: 9, at: now + 10_000_000)
        #expect(try told(&announcer, at: now + 10_000_000).count == 1)
    }

    @Test func `a place beyond the limits is refused and counted, a silent one's is used again`()
        throws
    {
        var announcer = announcer { $0.subscriberCapacity = 1 }
        for group in 1...4 as ClosedRange<UInt64> { announcer.update(view(group, 1)) }
        #expect(announcer.counters.groupsBeyondCapacity == 1)
        #expect(try told(&announcer, at: .seconds(10)).isEmpty)
        _ = subscribe(&announcer, [KnownView(group: 1)], at: .seconds(10))
        _ = subscribe(&announcer, [KnownView(group: 2)], from: Self.edge, at: .seconds(11))
        #expect(announcer.counters.subscribersBeyondCapacity == 1)
        #expect(try told(&announcer, at: .seconds(11)) == ["127.0.1.1 1/1+0"])
        _ = subscribe(&announcer, [KnownView(group: 2)], from: Self.edge, at: .seconds(20))
        announcer.update(view(1, 2))
        #expect(try told(&announcer, at: .seconds(20)) == ["127.0.2.1 2/1+0"])
    }

    @Test func `what is malformed or of another cluster is refused and counted`() {
        var announcer = announcer()
        let now = Tick.seconds(10)
        #expect(subscribe(&announcer, [KnownView(group: 9)], cluster: 6, at: now) == .otherCluster)
        let zeros = [UInt8](repeating: 0, count: 76)
        let refusal = announcer.handle(zeros.rawSpan, from: Self.edge, at: now)
        #expect(refusal == .badMagic)
        #expect(announcer.counters.refused == 2)
    }

    @Test func `a group that is served no more is forgotten`() throws {
        var announcer = announcer()
        let now = Tick.seconds(10)
        announcer.update(view(9, 5))
        _ = subscribe(&announcer, [KnownView(group: 9)], at: now)
        announcer.remove(group: 9)
        #expect(try told(&announcer, at: now).isEmpty)
        announcer.update(view(9, 1))
        #expect(try told(&announcer, at: now).isEmpty)
        _ = subscribe(&announcer, [KnownView(group: 9)], at: now)
        #expect(try told(&announcer, at: now) == ["127.0.1.1 9/1+0"])
    }

    @Test func `interest is forgotten before its time comes round again`() {
        var announcer = announcer()
        announcer.update(view(9, 1))
        _ = subscribe(&announcer, [KnownView(group: 9)], at: .seconds(10))
        // 2^16 units of 2^24 ns later the marks are the same.
        let later = Tick.seconds(10) + 1 << 40
        for _ in 0..<4 { announcer.tick(.seconds(20)) }
        #expect(announcer.subscriberCount(ofGroup: 9, at: later) == 0)
    }
}
