// Buckets must be the same on every machine for ever, and evenly filled.

import Steering
import Testing
import Wire

@Suite struct BucketHashTests {
    let hash = BucketHash(key0: 1, key1: 2, bucketCount: 64)

    func tuple(_ port: UInt16) -> FlowTuple {
        FlowTuple(
            ipProtocol: .udp, source: .v4(IPv4Address(10, 0, 0, 5)), sourcePort: Port(port),
            destination: .v4(IPv4Address(198, 51, 100, 7)), destinationPort: Port(53))
    }

    @Test func `buckets are evenly filled`() {
        var counts = [Int](repeating: 0, count: 64)
        for port in UInt16(0)..<UInt16.max {
            counts[Int(hash.natOutbound(tuple(port)).rawValue)] += 1
        }
        // 1,024 a bucket expected; eight standard deviations are 256.
        #expect(counts.allSatisfy { (768...1280).contains($0) })
    }

    @Test func `the key decides the bucket`() {
        let other = BucketHash(key0: 1, key1: 3, bucketCount: 64)
        let moved = (0..<1000).filter {
            hash.natOutbound(tuple($0)) != other.natOutbound(tuple($0))
        }
        #expect(moved.count > 900)
    }

    @Test func `a client's bucket does not depend on the listener`() {
        let first = hash.loadBalancer(
            ipProtocol: .tcp, clientVNI: VNI(truncating: 7), client: tuple(1).source,
            clientPort: Port(999))
        #expect(Int(first.rawValue) < 64)
        let elsewhere = hash.loadBalancer(
            ipProtocol: .tcp, clientVNI: VNI(truncating: 8), client: tuple(1).source,
            clientPort: Port(999))
        #expect(first != elsewhere)
    }

    @Test func `words in another order give another hash`() {
        var left = SipHash13(key0: 5, key1: 6)
        left.combine(1)
        left.combine(2)
        var right = SipHash13(key0: 5, key1: 6)
        right.combine(2)
        right.combine(1)
        #expect(left.finish() != right.finish())
    }

    // Made by CPython 3.11, whose `hash(bytes(range(n)))` is SipHash-1-3 under a zero key when
    // PYTHONHASHSEED is 0.
    @Test(
        arguments: [
            (1, 0xEAD411E67EBE2EEA), (2, 0x8972188433A5C5B7), (3, 0x31185A47AF932F3A),
            (6, 0xFE1F2445BA50237F),
        ] as [(Int, UInt64)])
    func `the hash is SipHash-1-3`(words: Int, expected: UInt64) {
        var hash = SipHash13(key0: 0, key1: 0)
        for word in 0..<words {
            let bytes = (0..<8).map { UInt64(word * 8 + $0) << UInt64(8 * $0) }
            hash.combine(bytes.reduce(0, |))
        }
        #expect(hash.finish() == expected)
    }
}
