// Which bucket of a resource's flow space a packet falls in. Nodes, routers, edges and the traffic
// generator all compute it here, so the words hashed and their order never change.

public import Wire

/// The keyed hash of one resource: flows to buckets.
///
/// The key is the resource's and secret, so that a tenant can't aim its flows at one bucket.
/// Cost: one SipHash-1-3 of six words at most; allocates nothing.
public struct BucketHash: Sendable {
    @usableFromInline let key0: UInt64
    @usableFromInline let key1: UInt64
    @usableFromInline let bucketCount: UInt64

    /// `bucketCount`: B, 1 to 65,536.
    @inlinable
    public init(key0: UInt64, key1: UInt64, bucketCount: Int) {
        precondition((1...65536).contains(bucketCount))
        self.key0 = key0
        self.key1 = key1
        self.bucketCount = UInt64(bucketCount)
    }

    /// The bucket of an outbound packet of a NAT gateway, from its inner 5-tuple.
    @inlinable
    public func natOutbound(_ tuple: FlowTuple) -> BucketIndex {
        var hash = SipHash13(key0: key0, key1: key1)
        let source = tuple.source.mapped
        let destination = tuple.destination.mapped
        hash.combine(source.high)
        hash.combine(source.low)
        hash.combine(destination.high)
        hash.combine(destination.low)
        hash.combine(
            UInt64(tuple.ipProtocol.rawValue) << 32 | UInt64(tuple.sourcePort.rawValue) << 16
                | UInt64(tuple.destinationPort.rawValue))
        return reduce(hash.finish())
    }

    /// The bucket of a load balancer's flow, in either direction, from its client alone.
    @inlinable
    public func loadBalancer(
        ipProtocol: IPProtocol, clientVNI: VNI, client: IPAddress, clientPort: Port
    ) -> BucketIndex {
        var hash = SipHash13(key0: key0, key1: key1)
        let address = client.mapped
        hash.combine(address.high)
        hash.combine(address.low)
        hash.combine(
            UInt64(ipProtocol.rawValue) << 48 | UInt64(clientVNI.rawValue) << 16
                | UInt64(clientPort.rawValue))
        return reduce(hash.finish())
    }

    /// The bucket whose leader gathers the fragments of a datagram, whichever of them it sees
    /// first: `vni` is that of the network that they came from, the outside's from an edge.
    @inlinable
    public func collector(
        vni: VNI, source: IPAddress, destination: IPAddress, ipProtocol: IPProtocol,
        identification: UInt32
    ) -> BucketIndex {
        var hash = SipHash13(key0: key0, key1: ~key1)
        hash.combine(source.mapped.high)
        hash.combine(source.mapped.low)
        hash.combine(destination.mapped.high)
        hash.combine(destination.mapped.low)
        hash.combine(UInt64(ipProtocol.rawValue) << 32 | UInt64(vni.rawValue))
        hash.combine(UInt64(identification))
        return reduce(hash.finish())
    }

    @inlinable
    func reduce(_ hash: UInt64) -> BucketIndex {
        BucketIndex(
            rawValue: UInt16(truncatingIfNeeded: hash.multipliedFullWidth(by: bucketCount).high))
    }
}
