import Testing
import Translation
import Wire

/// Datagrams one at a time: what comes in which order, and what goes on.
struct FragmentCollectorTests {
    static let ports = DatagramPorts(source: Port(4000), destination: Port(53))

    static func collector(
        datagrams: Int = 8, fragments: Int = 64, parked: Int = 16, tenants: Int = 2,
        share: Int = 1
    ) -> FragmentCollector {
        FragmentCollector(
            capacity: FragmentCapacity(
                datagrams: datagrams, fragments: fragments, parked: parked, tenants: tenants,
                tenantShare: share),
            bucketCount: 64, seed: 1)
    }

    static func key(_ identification: UInt32 = 1, scope: UInt64 = 1) -> FragmentKey {
        FragmentKey(
            scope: scope, source: .v4(IPv4Address(10, 0, 0, 1)),
            destination: .v4(IPv4Address(198, 51, 100, 7)), ipProtocol: .udp,
            identification: identification)
    }

    /// A fragment of the bytes `range`; the token is its offset unless given.
    static func fragment(
        _ range: Range<Int>, last: Bool = false, key: FragmentKey = key(), tenant: Int = 0,
        token: UInt32? = nil, lane: BucketIndex? = nil
    ) -> Fragment {
        Fragment(
            key: key, tenant: tenant, offset: range.lowerBound, byteCount: range.count,
            moreFragments: !last, ports: range.lowerBound == 0 ? ports : nil,
            token: token ?? UInt32(range.lowerBound), lane: lane)
    }

    static let passed = FragmentVerdict.pass(DatagramPass(ports: ports, newIdentification: nil))

    static func drain(_ collector: inout FragmentCollector) -> [FragmentRelease] {
        var all: [FragmentRelease] = []
        while let release = collector.poll() { all.append(release) }
        collector.checkInvariants()
        return all
    }

    static func release(_ token: UInt32, _ verdict: FragmentVerdict) -> FragmentRelease {
        FragmentRelease(token: token, tenant: 0, verdict: verdict)
    }

    @Test func `fragments in order pass one by one, and nothing is left`() {
        var collector = Self.collector()
        let now = Tick.seconds(1)
        #expect(collector.handle(Self.fragment(0..<800), at: now) == Self.passed)
        #expect(collector.handle(Self.fragment(800..<1600), at: now) == Self.passed)
        #expect(
            collector.handle(Self.fragment(1600..<1603, last: true), at: now) == Self.passed)
        #expect(Self.drain(&collector).isEmpty)
        #expect(collector.use == (0, 0, 0))
    }

    // RFC 4787 §11 REQ-14: out of order too, and the first one last.
    @Test func `fragments before the first wait, and follow it in order of arrival`() {
        var collector = Self.collector()
        let now = Tick.seconds(1)
        #expect(
            collector.handle(Self.fragment(1600..<1700, last: true), at: now) == .wait)
        #expect(collector.handle(Self.fragment(800..<1600), at: now) == .wait)
        #expect(collector.use == (1, 2, 2))
        #expect(collector.handle(Self.fragment(0..<800), at: now) == Self.passed)
        #expect(
            Self.drain(&collector) == [
                Self.release(1600, Self.passed), Self.release(800, Self.passed),
            ])
        #expect(collector.use == (0, 0, 0))
    }

    // RFC 5722 §4: the whole datagram is dropped, those parts too that come later.
    @Test func `an overlap of any byte drops the datagram, until its time is over`() {
        for overlap in [0..<8, 792..<800, 792..<816, 0..<1600, 400..<408, 0..<808] {
            var collector = Self.collector()
            let now = Tick.seconds(1)
            #expect(collector.handle(Self.fragment(800..<1600), at: now) == .wait)
            #expect(collector.handle(Self.fragment(1600..<1608), at: now) == .wait)
            let first = Self.fragment(0..<800)
            #expect(collector.handle(first, at: now) == Self.passed)
            #expect(Self.drain(&collector).count == 2)
            #expect(
                collector.handle(Self.fragment(overlap), at: now) == .drop(.fragmentOverlap))
            #expect(
                collector.handle(Self.fragment(2000..<2003, last: true), at: now)
                    == .drop(.fragmentOverlap))
            let later = now + 4_999_999_999
            collector.tick(later, limit: 100)
            #expect(collector.handle(first, at: later) == .drop(.fragmentOverlap))
            collector.tick(now + 5_000_000_000, limit: 100)
            #expect(collector.handle(first, at: now + 5_000_000_000) == Self.passed)
            collector.checkInvariants()
        }
    }

    @Test func `what waits is dropped with a datagram that overlaps`() {
        var collector = Self.collector()
        let now = Tick.seconds(1)
        #expect(collector.handle(Self.fragment(800..<1600), at: now) == .wait)
        #expect(collector.handle(Self.fragment(1600..<2400), at: now) == .wait)
        #expect(
            collector.handle(Self.fragment(1592..<1608, token: 9), at: now)
                == .drop(.fragmentOverlap))
        #expect(
            Self.drain(&collector) == [
                Self.release(800, .drop(.fragmentOverlap)),
                Self.release(1600, .drop(.fragmentOverlap)),
            ])
        #expect(collector.use == (1, 0, 0))
    }

    @Test func `an exact duplicate is dropped alone`() {
        var collector = Self.collector()
        let now = Tick.seconds(1)
        #expect(collector.handle(Self.fragment(800..<1600), at: now) == .wait)
        #expect(
            collector.handle(Self.fragment(800..<1600, token: 7), at: now)
                == .drop(.fragmentDuplicate))
        #expect(collector.handle(Self.fragment(0..<800), at: now) == Self.passed)
        #expect(
            collector.handle(Self.fragment(0..<800), at: now) == .drop(.fragmentDuplicate))
        #expect(Self.drain(&collector) == [Self.release(800, Self.passed)])
        #expect(
            collector.handle(Self.fragment(1600..<1601, last: true), at: now) == Self.passed)
        #expect(
            collector.handle(Self.fragment(1600..<1601, last: true), at: now)
                == .drop(.fragmentDuplicate), "the datagram is complete")
        collector.tick(now + 100_000_000, limit: 10)
        #expect(collector.nextDeadline == nil)
    }

    // RFC 6146 §4: not before 2 s.
    // RFC 6146 §4 (fragments).
    @Test func `what waits for a first fragment in vain is dropped by time`() {
        var collector = Self.collector()
        for identification in 1...4 as ClosedRange<UInt32> {
            let fragment = Self.fragment(
                8..<16, key: Self.key(identification), token: identification)
            #expect(collector.handle(fragment, at: .seconds(UInt64(identification))) == .wait)
        }
        #expect(collector.nextDeadline == .seconds(6))
        collector.tick(.milliseconds(5999), limit: 10)
        #expect(Self.drain(&collector).isEmpty)
        collector.tick(.seconds(8), limit: 2)
        #expect(Self.drain(&collector).map(\.token) == [1, 2], "two at a time")
        collector.tick(.seconds(9), limit: 10)
        #expect(
            Self.drain(&collector) == [
                Self.release(3, .drop(.fragmentTimeout)),
                Self.release(4, .drop(.fragmentTimeout)),
            ])
        #expect(collector.use == (0, 0, 0))
    }
}
