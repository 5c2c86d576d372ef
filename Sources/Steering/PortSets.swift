// The usable ports of an EIP, cut into equal contiguous port sets, one a bucket, in the manner of
// the port sets of RFC 6346 and RFC 7597. The way back finds its bucket from the port alone.

public import Wire

/// The port range of a cluster and how it is cut.
public struct PortSets: Hashable, Sendable {
    public let first: UInt16
    public let portsPerBucket: Int
    public let bucketCount: Int

    /// Nil unless `bucketCount` divides the number of ports in `range`.
    public init?(range: ClosedRange<UInt16>, bucketCount: Int) {
        guard bucketCount > 0, range.count % bucketCount == 0 else { return nil }
        first = range.lowerBound
        portsPerBucket = range.count / bucketCount
        self.bucketCount = bucketCount
    }

    /// The bucket that owns `port`; nil outside the range.
    @inlinable
    public func bucket(of port: Port) -> BucketIndex? {
        guard port.rawValue >= first else { return nil }
        let index = Int(port.rawValue - first) / portsPerBucket
        return index < bucketCount ? BucketIndex(index) : nil
    }

    /// The ports of one bucket. Traps if `bucket` is not below `bucketCount`.
    @inlinable
    public func ports(of bucket: BucketIndex) -> ClosedRange<UInt16> {
        precondition(Int(bucket.rawValue) < bucketCount)
        let lowest = Int(first) + Int(bucket.rawValue) * portsPerBucket
        return UInt16(lowest)...UInt16(lowest + portsPerBucket - 1)
    }
}
