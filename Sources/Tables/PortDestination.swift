// What one pool of ports is used toward: ports that differ in anything of this never clash.

public import Wire

/// A destination as the port allocator tells them apart: within one resource, from one external
/// address, to one remote end, out of one bucket's port set. 48 bytes.
public struct PortDestination: Hashable, Sendable, BitwiseCopyable {
    /// The gateway, or whatever else owns the ports.
    public var scope: ResourceID
    public var external: IPv6Address
    public var remote: IPv6Address
    public var remotePort: Port
    public var bucket: BucketIndex
    public var ipProtocol: IPProtocol

    public init(
        scope: ResourceID, ipProtocol: IPProtocol, external: IPAddress, remote: IPAddress,
        remotePort: Port, bucket: BucketIndex
    ) {
        self.scope = scope
        self.external = external.mapped
        self.remote = remote.mapped
        self.remotePort = remotePort
        self.bucket = bucket
        self.ipProtocol = ipProtocol
    }

    /// A keyed hash of all fields.
    func hash(seed: UInt64) -> UInt64 {
        var hash = SipHash13(key0: seed, key1: 0)
        hash.combine(scope.rawValue)
        hash.combine(external.high)
        hash.combine(external.low)
        hash.combine(remote.high)
        hash.combine(remote.low)
        hash.combine(
            UInt64(remotePort.rawValue) << 24 | UInt64(bucket.rawValue) << 8
                | UInt64(ipProtocol.rawValue))
        return hash.finish()
    }
}

/// What the allocator answers.
public enum PortChoice: Hashable, Sendable {
    case port(Port)
    /// Every port of the set is in use toward this destination: `used` of them.
    case exhausted(used: Int)
}

/// The order in which ports are tried: a few at random, then all that follow one at random. It
/// depends on `start` alone, so that the choice can be foretold.
@usableFromInline
struct PortOrder {
    @usableFromInline let start: UInt64
    @usableFromInline let lowest: UInt16
    @usableFromInline let count: Int

    @usableFromInline
    init(start: UInt64, ports: ClosedRange<UInt16>) {
        self.start = start
        lowest = ports.lowerBound
        count = ports.count
    }

    /// Position in the set of the `attempt`th random choice.
    @inlinable
    func position(_ attempt: Int) -> Int {
        // The finisher of SplitMix64, which spreads neighbouring inputs over all outputs.
        var mixed = start &+ UInt64(truncatingIfNeeded: attempt) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed &>> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed &>> 27) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed &>> 31
        return Int(truncatingIfNeeded: mixed.multipliedFullWidth(by: UInt64(count)).high)
    }

    @inlinable
    func port(at position: Int) -> Port {
        Port(lowest &+ UInt16(truncatingIfNeeded: position))
    }
}
