// Port sets: every port in exactly one set.

import Steering
import Testing
import Wire

@Suite struct PortSetsTests {
    // RFC 4787 §4.2.1 REQ-3 (a).
    @Test func `the default range gives 64 sets of 1,008 ports`() throws {
        let sets = try #require(PortSets(range: 1024...65535, bucketCount: 64))
        #expect(sets.portsPerBucket == 1008)
        #expect(sets.ports(of: BucketIndex(63)).upperBound == 65535)
        #expect(sets.bucket(of: Port(1023)) == nil)
    }

    @Test(arguments: [(1024...65535, 64), (2000...2015, 4), (1...1, 1), (100...199, 100)])
    func `each port is in the set of its bucket and in no other`(
        range: ClosedRange<UInt16>, bucketCount: Int
    ) throws {
        let sets = try #require(PortSets(range: range, bucketCount: bucketCount))
        var seen = 0
        for bucket in 0..<bucketCount {
            for port in sets.ports(of: BucketIndex(bucket)) {
                #expect(sets.bucket(of: Port(port)) == BucketIndex(bucket))
                seen += 1
            }
        }
        #expect(seen == range.count)
    }

    @Test func `a count that does not divide the range is refused`() {
        #expect(PortSets(range: 1024...65535, bucketCount: 63 * 64 + 1) == nil)
        #expect(PortSets(range: 1024...65535, bucketCount: 0) == nil)
    }
}
