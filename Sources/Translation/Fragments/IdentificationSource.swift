// New IPv4 identifications for datagrams that leave by an address which many inside hosts share:
// each host counts its own, so two could give the same at once, and the receiver would join what
// doesn't belong together.

public import Wire

/// Gives identifications out. Each bucket has a lane of its own, the identifications congruent to
/// it modulo the number of buckets, so that no two nodes or engines give the same.
// RFC 6864 §5.3.1, RFC 7857 §10. Toward one destination and protocol an identification comes back
// after 65,536 / buckets datagrams of the lane: as with every sender, more than that within the
// receiver's timeout is beyond what 16 bits can tell apart (RFC 4963).
public struct IdentificationSource: Sendable {
    public let laneCount: Int
    let seed: UInt64
    /// By the hash of destination, protocol and lane. Those that share one skip numbers, no more.
    private var counters: [UInt16]

    static var counterCount: Int { 2048 }

    public init(laneCount: Int, seed: UInt64) {
        precondition(laneCount > 0 && laneCount <= 65_536)
        self.laneCount = laneCount
        self.seed = seed
        counters = (0..<UInt64(Self.counterCount)).map { index in
            var hash = SipHash13(key0: seed, key1: ~seed)
            hash.combine(index)
            return UInt16(truncatingIfNeeded: hash.finish())
        }
    }

    /// The next one toward a destination. Constant cost, no allocation.
    public mutating func next(
        toward destination: IPAddress, _ ipProtocol: IPProtocol, lane: BucketIndex
    ) -> UInt16 {
        precondition(Int(lane.rawValue) < laneCount)
        let mapped = destination.mapped
        var hash = SipHash13(key0: seed, key1: UInt64(ipProtocol.rawValue))
        hash.combine(mapped.high)
        hash.combine(mapped.low)
        hash.combine(UInt64(lane.rawValue))
        let place = Int(hash.finish() % UInt64(Self.counterCount))
        counters[place] &+= 1
        let turns = 65_536 / laneCount
        return UInt16(Int(counters[place]) % turns * laneCount + Int(lane.rawValue))
    }
}
