import Testing
import Translation
import Wire

/// What no fragment may do, and how much nobody may hold.
struct FragmentLimitTests {
    typealias Base = FragmentCollectorTests

    /// Fragments that come after the bytes 0..<800 and 1600..<1700 as the last.
    @Test(arguments: [
        (1600..<1708, true), (1600..<1700, false), (1696..<1704, false), (1704..<1712, false),
        (1704..<1712, true), (1600..<1696, true), (0..<800, true), (800..<1700, false),
        (1592..<1700, false), (803..<811, false), (800..<803, false), (65520..<65528, false),
    ])
    func `what contradicts the end ends the datagram`(_ bytes: Range<Int>, _ isLast: Bool) {
        var collector = Base.collector()
        let now = Tick.seconds(1)
        #expect(collector.handle(Base.fragment(0..<800), at: now) == Base.passed)
        #expect(
            collector.handle(Base.fragment(1600..<1700, last: true), at: now) == Base.passed)
        #expect(
            collector.handle(Base.fragment(bytes, last: isLast), at: now)
                == .drop(.fragmentContradiction))
        #expect(
            collector.handle(Base.fragment(800..<1600), at: now)
                == .drop(.fragmentContradiction))
        collector.checkInvariants()
        #expect(collector.use == (1, 0, 0))
    }

    @Test func `an end before what is there already is a contradiction`() {
        var collector = Base.collector()
        let now = Tick.seconds(1)
        #expect(collector.handle(Base.fragment(1600..<2400), at: now) == .wait)
        #expect(
            collector.handle(Base.fragment(800..<900, last: true, token: 5), at: now)
                == .drop(.fragmentContradiction))
        #expect(
            Base.drain(&collector) == [Base.release(1600, .drop(.fragmentContradiction))])
    }

    @Test func `more after the end is a contradiction, wherever it begins`() {
        for range in [1592..<1608, 1600..<1608, 0..<1608, 1608..<1616] {
            var collector = Base.collector()
            let now = Tick.seconds(1)
            #expect(collector.handle(Base.fragment(0..<800), at: now) == Base.passed)
            let last = Base.fragment(1600..<1608, last: true)
            #expect(collector.handle(last, at: now) == Base.passed)
            #expect(
                collector.handle(Base.fragment(range), at: now)
                    == .drop(.fragmentContradiction))
        }
    }

    // RFC 791 §3.2: 65,535 bytes with the header; RFC 8200 §4.5: without the first 40.
    @Test func `no datagram is longer than its length can say`() {
        var collector = Base.collector()
        let now = Tick.seconds(1)
        #expect(collector.handle(Base.fragment(65504..<65515, last: true), at: now) == .wait)
        let tooLong = Base.fragment(65504..<65516, last: true, key: Base.key(2))
        #expect(collector.handle(tooLong, at: now) == .drop(.fragmentContradiction))
        var key = Base.key(3)
        key.source = .v6(IPv6Address(high: 1, low: 1))
        key.destination = .v6(IPv6Address(high: 1, low: 2))
        let longest = Base.fragment(65528..<65535, last: true, key: key)
        #expect(collector.handle(longest, at: now) == .wait)
        key.identification = 4
        let beyond = Base.fragment(65528..<65536, last: true, key: key)
        #expect(collector.handle(beyond, at: now) == .drop(.fragmentContradiction))
        #expect(collector.use == (2, 2, 2), "what is impossible opens nothing")
    }

    @Test func `impossible fragments open nothing`() {
        var collector = Base.collector()
        for (offset, count) in [(0, 0), (8, 0), (8, -8), (-8, 16), (4, 8), (8, 12)] {
            var fragment = Base.fragment(8..<16)
            fragment.offset = offset
            fragment.byteCount = count
            fragment.ports = offset == 0 ? Base.ports : nil
            #expect(
                collector.handle(fragment, at: .seconds(1)) == .drop(.fragmentContradiction))
        }
        var first = Base.fragment(0..<8)
        first.ports = nil
        #expect(collector.handle(first, at: .seconds(1)) == .drop(.fragmentContradiction))
        #expect(collector.nextDeadline == nil)
    }

    @Test func `datagrams with one difference in their key never meet`() {
        var collector = Base.collector()
        let now = Tick.seconds(1)
        #expect(collector.handle(Base.fragment(0..<800), at: now) == Base.passed)
        var keys = Array(repeating: Base.key(), count: 5)
        keys[0].scope = 2
        keys[1].source = .v4(IPv4Address(10, 0, 0, 2))
        keys[2].destination = .v4(IPv4Address(198, 51, 100, 8))
        keys[3].ipProtocol = .tcp
        keys[4].identification = 1 << 16 | 1
        for key in keys {
            #expect(collector.handle(Base.fragment(800..<808, key: key), at: now) == .wait)
        }
        #expect(collector.handle(Base.fragment(800..<808), at: now) == Base.passed)
    }

    // RFC 4787 §11 REQ-14 (a): what an attacker can hold is bounded, and others go on.
    @Test func `one tenant's fragments leave room for another's`() {
        var collector = Base.collector(datagrams: 8, fragments: 64, parked: 8, share: 2)
        let now = Tick.seconds(1)
        var released: [FragmentRelease] = []
        for identification in 0..<20 as Range<UInt32> {
            let fragment = Base.fragment(
                8..<16, key: Base.key(identification), token: identification)
            #expect(collector.handle(fragment, at: now) == .wait)
            released += Base.drain(&collector)
        }
        // The oldest gave way, and the newest is as good as ever.
        #expect(released == (0..<16).map { Base.release($0, .drop(.fragmentQuota)) })
        #expect(collector.use == (4, 4, 4))
        let newest = Base.fragment(0..<8, key: Base.key(19))
        #expect(collector.handle(newest, at: now) == Base.passed)
        #expect(Base.drain(&collector) == [Base.release(19, Base.passed)])
        collector.checkInvariants()
        let other = Base.key(99, scope: 2)
        for range in [16..<24, 8..<16] {
            let fragment = Base.fragment(range, key: other, tenant: 1)
            #expect(collector.handle(fragment, at: now) == .wait)
        }
        let first = Base.fragment(0..<8, key: other, tenant: 1)
        #expect(collector.handle(first, at: now) == Base.passed)
        #expect(Base.drain(&collector).map(\.tenant) == [1, 1])
    }

    @Test func `a tenant's share counts fragments and those that wait`() {
        // Shares: 4 datagrams, 6 fragments, 3 that wait.
        var collector = Base.collector(datagrams: 8, fragments: 12, parked: 6, share: 2)
        let now = Tick.seconds(1)
        for part in 1...3 {
            let fragment = Base.fragment(part * 8..<part * 8 + 8)
            #expect(collector.handle(fragment, at: now) == .wait)
        }
        #expect(
            collector.handle(Base.fragment(32..<40), at: now) == .drop(.fragmentQuota))
        #expect(Base.drain(&collector).map(\.token) == [8, 16, 24])
        for part in 0..<6 {
            let fragment = Base.fragment(part * 8..<part * 8 + 8, key: Base.key(2))
            #expect(collector.handle(fragment, at: now) == Base.passed)
        }
        let seventh = Base.fragment(48..<56, key: Base.key(2))
        #expect(collector.handle(seventh, at: now) == .drop(.fragmentQuota))
        for part in 0..<6 {
            let fragment = Base.fragment(
                part * 8..<part * 8 + 8, key: Base.key(3, scope: 2), tenant: 1)
            #expect(collector.handle(fragment, at: now) == Base.passed)
        }
        collector.checkInvariants()
    }

    @Test func `an identification that comes back after its time begins anew`() {
        var collector = Base.collector()
        #expect(collector.handle(Base.fragment(8..<16, token: 1), at: .seconds(1)) == .wait)
        // No tick came in between.
        #expect(collector.handle(Base.fragment(8..<16, token: 2), at: .seconds(6)) == .wait)
        #expect(Base.drain(&collector) == [Base.release(1, .drop(.fragmentTimeout))])
        #expect(
            collector.handle(Base.fragment(0..<8, token: 3), at: .seconds(6)) == Base.passed)
        #expect(Base.drain(&collector) == [Base.release(2, Base.passed)])
    }

    @Test func `a datagram in too many parts is dropped whole`() {
        var capacity = FragmentCapacity(datagrams: 4, fragments: 64, parked: 32, tenants: 1)
        capacity.tenantShare = 1
        capacity.fragmentsPerDatagram = 4
        var collector = FragmentCollector(capacity: capacity, bucketCount: 64, seed: 1)
        let now = Tick.seconds(1)
        for part in 1...4 {
            let fragment = Base.fragment(part * 8..<part * 8 + 8)
            #expect(collector.handle(fragment, at: now) == .wait)
        }
        #expect(
            collector.handle(Base.fragment(40..<48), at: now) == .drop(.fragmentQuota))
        #expect(Base.drain(&collector).map(\.token) == [8, 16, 24, 32])
        #expect(collector.handle(Base.fragment(0..<8), at: now) == .drop(.fragmentQuota))
    }

    @Test func `complete datagrams make room at once, others by age`() {
        var collector = Base.collector(datagrams: 2)
        let now = Tick.seconds(1)
        for identification in 0..<10 as Range<UInt32> {
            let key = Base.key(identification)
            #expect(collector.handle(Base.fragment(0..<8, key: key), at: now) == Base.passed)
            let last = Base.fragment(8..<9, last: true, key: key)
            #expect(collector.handle(last, at: now) == Base.passed)
        }
        for identification in 20..<22 as Range<UInt32> {
            let fragment = Base.fragment(0..<8, key: Base.key(identification))
            #expect(collector.handle(fragment, at: now) == Base.passed)
        }
        let another = Base.fragment(0..<8, key: Base.key(30))
        #expect(collector.handle(another, at: now) == Base.passed)
        let evicted = Base.fragment(8..<16, key: Base.key(20))
        #expect(collector.handle(evicted, at: now) == .wait)
        collector.tick(.seconds(6), limit: 2)
        #expect(collector.use == (0, 0, 0))
        #expect(Base.drain(&collector).count == 1)
        collector.checkInvariants()
    }

    @Test func `a refused flow takes its whole datagram with it`() {
        var collector = Base.collector()
        let now = Tick.seconds(1)
        #expect(collector.handle(Base.fragment(8..<16), at: now) == .wait)
        collector.refuse(Base.key(), .portsExhausted)
        #expect(Base.drain(&collector) == [Base.release(8, .drop(.portsExhausted))])
        #expect(
            collector.handle(Base.fragment(0..<8), at: now) == .drop(.portsExhausted))
        collector.refuse(Base.key(7), .portsExhausted)
        collector.checkInvariants()
    }

    @Test func `limits that don't fit together are named`() {
        var capacity = FragmentCapacity(parked: 64, tenants: 4)
        #expect(capacity.problem == nil)
        capacity.lingerMilliseconds = 6000
        #expect(capacity.problem != nil)
        #expect(FragmentCapacity(parked: 0, tenants: 4).problem != nil)
        capacity = FragmentCapacity(parked: 64, tenants: 4)
        capacity.fragmentsPerDatagram = 8193
        #expect(capacity.problem != nil)
    }
}
