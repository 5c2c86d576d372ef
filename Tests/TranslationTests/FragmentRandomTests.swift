import Testing
import Translation
import Wire

/// A collector as a dictionary, without limits: what may pass, and what becomes of what waits.
private struct NaiveCollector {
    struct Datagram {
        var began: Tick
        var parts: [Range<Int>: Bool] = [:]
        var waiting: [UInt32] = []
        var hasFirst = false
        var total: Int?
        var condemned: DropCause?
        var completed: Tick?
    }

    var datagrams: [FragmentKey: Datagram] = [:]
    var releases: [UInt32: FragmentVerdict] = [:]
    static let passed = FragmentCollectorTests.passed

    mutating func expire(_ now: Tick) {
        for (key, datagram) in datagrams {
            let isOver =
                datagram.completed.map { now - $0 >= 100_000_000 }
                ?? (now - datagram.began >= 5_000_000_000)
            guard isOver else { continue }
            for token in datagram.waiting { releases[token] = .drop(.fragmentTimeout) }
            datagrams[key] = nil
        }
    }

    mutating func handle(_ fragment: Fragment, _ now: Tick) -> FragmentVerdict {
        let range = fragment.offset..<fragment.offset + fragment.byteCount
        var datagram = datagrams[fragment.key] ?? Datagram(began: now)
        if datagram.completed != nil {
            if range.upperBound <= datagram.total! { return .drop(.fragmentDuplicate) }
            datagram = Datagram(began: now)
        }
        if let cause = datagram.condemned { return .drop(cause) }
        let verdict = judge(fragment, range, &datagram, now)
        datagrams[fragment.key] = datagram
        return verdict
    }

    private mutating func judge(
        _ fragment: Fragment, _ range: Range<Int>, _ datagram: inout Datagram, _ now: Tick
    ) -> FragmentVerdict {
        let reached = datagram.parts.keys.map(\.upperBound).max() ?? 0
        let isLast = !fragment.moreFragments
        let disagrees =
            datagram.total.map { isLast ? range.upperBound != $0 : range.upperBound >= $0 }
            ?? (isLast && range.upperBound < reached)
        if disagrees { return condemn(&datagram, .fragmentContradiction) }
        if let other = datagram.parts[range] {
            return other == isLast
                ? .drop(.fragmentDuplicate) : condemn(&datagram, .fragmentContradiction)
        }
        if datagram.parts.keys.contains(where: { $0.overlaps(range) }) {
            return condemn(&datagram, .fragmentOverlap)
        }
        datagram.parts[range] = isLast
        if isLast { datagram.total = range.upperBound }
        if fragment.ports != nil {
            datagram.hasFirst = true
            for token in datagram.waiting { releases[token] = Self.passed }
            datagram.waiting = []
        }
        guard datagram.hasFirst else {
            datagram.waiting.append(fragment.token)
            return .wait
        }
        if datagram.parts.keys.reduce(0, { $0 + $1.count }) == datagram.total {
            datagram.completed = now
        }
        return Self.passed
    }

    private mutating func condemn(
        _ datagram: inout Datagram, _ cause: DropCause
    ) -> FragmentVerdict {
        for token in datagram.waiting { releases[token] = .drop(cause) }
        datagram.waiting = []
        datagram.condemned = cause
        return .drop(cause)
    }
}

struct FragmentRandomTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `the collector does what a dictionary does`(seed: UInt64) {
        var numbers = TrackingNumbers(state: seed)
        var collector = FragmentCollectorTests.collector(
            datagrams: 256, fragments: 8192, parked: 4096, tenants: 3)
        var naive = NaiveCollector()
        var now = Tick.seconds(1)
        var outcomes: Set<String> = []
        for token in 0..<3000 as Range<UInt32> {
            now = now + UInt64(numbers.below(80)) * 1_000_000
            naive.expire(now)
            collector.tick(now, limit: 1000)
            let fragment = Self.fragment(&numbers, token, spread: 3 + Int(seed % 12))
            let verdict = collector.handle(fragment, at: now)
            #expect(verdict == naive.handle(fragment, now), "seed \(seed), \(token)")
            outcomes.insert("\(verdict)")
            var released: [UInt32: FragmentVerdict] = [:]
            var tokens: [UInt32] = []
            while let release = collector.poll() {
                released[release.token] = release.verdict
                tokens.append(release.token)
            }
            #expect(released == naive.releases, "seed \(seed), \(token)")
            #expect(Set(tokens).count == tokens.count)
            naive.releases = [:]
            if token % 50 == 0 { collector.checkInvariants() }
        }
        collector.tick(now + 6_000_000_000, limit: 1000)
        while collector.poll() != nil {}
        collector.checkInvariants()
        #expect(collector.use == (0, 0, 0))
        #expect(outcomes.count == 5, "seed \(seed): \(outcomes)")
    }

    /// A part of one of a few datagrams of a few lengths; now and then one that doesn't fit.
    private static func fragment(
        _ numbers: inout TrackingNumbers, _ token: UInt32, spread: Int
    ) -> Fragment {
        let identification = UInt32(numbers.below(spread))
        let tenant = Int(identification % 3)
        let length = 17 + 24 * Int(identification % 5)
        let part = 8 << (identification % 2)
        var offset = numbers.below((length + part - 1) / part) * part
        var end = min(offset + part, length)
        var isLast = end == length
        switch numbers.below(60) {
        case 0: offset = offset / 16 * 16
        case 1: end = isLast ? end : end + 8
        case 2 where (end - offset) % 8 == 0: isLast.toggle()
        default: break
        }
        if !isLast { end = offset + (end - offset + 7) / 8 * 8 }
        return FragmentCollectorTests.fragment(
            offset..<end, last: isLast, key: FragmentCollectorTests.key(identification),
            tenant: tenant, token: token)
    }

    /// Nothing is expected but that limits hold, and that every token comes back once.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func `within tight limits every fragment comes to one end`(seed: UInt64) {
        var numbers = TrackingNumbers(state: seed)
        var collector = FragmentCollectorTests.collector(
            datagrams: 5, fragments: 20, parked: 7, tenants: 3, share: 2)
        var now = Tick.seconds(1)
        var waiting: Set<UInt32> = []
        for token in 0..<4000 as Range<UInt32> {
            now = now + UInt64(numbers.below(200)) * 1_000_000
            if numbers.below(3) == 0 { collector.tick(now, limit: 2) }
            let fragment = Self.fragment(&numbers, token, spread: 40)
            if collector.handle(fragment, at: now) == .wait { waiting.insert(token) }
            #expect(collector.use.parked <= 7 && collector.use.fragments <= 20)
            while let release = collector.poll() {
                #expect(waiting.remove(release.token) != nil)
                #expect(release.verdict != .wait)
            }
            collector.checkInvariants()
        }
        collector.tick(now + 6_000_000_000, limit: 1000)
        while let release = collector.poll() { waiting.remove(release.token) }
        #expect(waiting.isEmpty)
        #expect(collector.use == (0, 0, 0))
    }
}
