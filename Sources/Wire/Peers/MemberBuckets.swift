// A set of a group's buckets, one bit each: which copies are full, which buckets a member leads.

/// Some of the buckets 0 to B - 1.
public struct BucketSet: Hashable, Sendable {
    public let bucketCount: Int
    var words: [UInt64]

    /// Without any.
    public init(bucketCount: Int) {
        precondition(bucketCount >= 0 && bucketCount <= 1 << 16)
        self.bucketCount = bucketCount
        words = Array(repeating: 0, count: (bucketCount + 63) / 64)
    }

    /// Writes two bytes for B, and eight for each 64 buckets.
    var byteCount: Int { 2 + 8 * words.count }

    public func contains(_ bucket: Int) -> Bool {
        bucket < bucketCount && words[bucket >> 6] & 1 << UInt64(bucket & 63) != 0
    }

    /// Buckets beyond B are not taken.
    public mutating func insert(_ bucket: Int) {
        guard bucket < bucketCount else { return }
        words[bucket >> 6] |= 1 << UInt64(bucket & 63)
    }

    public mutating func remove(_ bucket: Int) {
        guard bucket < bucketCount else { return }
        words[bucket >> 6] &= ~(1 << UInt64(bucket & 63))
    }

    public mutating func removeAll() {
        for index in words.indices { words[index] = 0 }
    }

    public static func all(_ bucketCount: Int) -> BucketSet {
        var set = BucketSet(bucketCount: bucketCount)
        for bucket in 0..<bucketCount { set.insert(bucket) }
        return set
    }

    /// Takes in another set of as many buckets.
    public mutating func formUnion(_ other: BucketSet) {
        for index in words.indices where index < other.words.count {
            words[index] |= other.words[index]
        }
    }

    public func isSubset(of other: BucketSet) -> Bool {
        words.indices.allSatisfy { index in
            words[index] & ~(index < other.words.count ? other.words[index] : 0) == 0
        }
    }

    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Whether no bit stands beyond B.
    var isWithinCount: Bool {
        guard bucketCount % 64 != 0, let last = words.last else { return true }
        return last >> UInt64(bucketCount % 64) == 0
    }
}
