import Testing
import Translation
import Wire

/// RFC 6864 §5.3.1, RFC 7857 §10: what leaves by a shared address is told apart by new
/// identifications.
struct FragmentIdentificationTests {
    typealias Base = FragmentCollectorTests

    @Test func `two hosts with the same identification leave with two, each datagram with one`() {
        var collector = Base.collector()
        let now = Tick.seconds(1)
        var given: [UInt16] = []
        for host in 1...2 as ClosedRange<UInt8> {
            var key = Base.key(7)
            key.source = .v4(IPv4Address(10, 0, 0, host))
            var parts: Set<UInt16?> = []
            for range in [8..<16, 0..<8, 16..<24] {
                let fragment = Base.fragment(range, key: key, lane: BucketIndex(3))
                if case .pass(let pass) = collector.handle(fragment, at: now) {
                    parts.insert(pass.newIdentification)
                }
            }
            for release in Base.drain(&collector) {
                if case .pass(let pass) = release.verdict { parts.insert(pass.newIdentification) }
            }
            #expect(parts.count == 1)
            given += parts.compactMap { $0 }
        }
        #expect(given.count == 2 && given[0] != given[1])
        #expect(given.allSatisfy { $0 % 64 == 3 }, "of its bucket's lane")
    }

    @Test func `buckets never give the same identification toward a destination`() {
        var owners: [UInt16: Int] = [:]
        for lane in 0..<64 {
            var source = IdentificationSource(laneCount: 64, seed: 5)
            for _ in 0..<1024 {
                let next = source.next(
                    toward: .v4(IPv4Address(198, 51, 100, 7)), .udp, lane: BucketIndex(lane))
                #expect(owners.updateValue(lane, forKey: next) == nil)
            }
        }
        #expect(owners.count == 65536)
    }

    @Test func `a lane comes back after all of it was given`() {
        for laneCount in [1, 16, 64, 4096] {
            var source = IdentificationSource(laneCount: laneCount, seed: 9)
            let destination = IPAddress.v4(IPv4Address(198, 51, 100, 7))
            let turns = 65536 / laneCount
            let given = (0..<2 * turns).map { _ in
                source.next(toward: destination, .tcp, lane: BucketIndex(laneCount - 1))
            }
            #expect(Set(given[..<turns]).count == turns)
            #expect(Array(given[..<turns]) == Array(given[turns...]))
        }
    }

    @Test func `lanes that take turns keep their distance`() {
        var source = IdentificationSource(laneCount: 64, seed: 5)
        let destination = IPAddress.v4(IPv4Address(198, 51, 100, 7))
        var given: Set<UInt16> = []
        for _ in 0..<1024 {
            let own = source.next(toward: destination, .udp, lane: BucketIndex(9))
            #expect(given.insert(own).inserted, "it came back too soon")
            for lane in 10..<40 {
                _ = source.next(toward: destination, .udp, lane: BucketIndex(lane))
            }
        }
    }
}
