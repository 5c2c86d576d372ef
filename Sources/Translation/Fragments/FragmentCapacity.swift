// How much the collector may hold, in all and for one tenant. Everything is reserved at its start.

/// Limits of a collector. What exceeds one is dropped as `fragmentQuota`.
public struct FragmentCapacity: Hashable, Sendable {
    /// Datagrams under way.
    public var datagrams: Int
    /// Fragments seen of datagrams under way, waiting or not.
    public var fragments: Int
    /// Fragments that wait for their datagram's first: each holds a packet buffer.
    public var parked: Int
    /// Tenant slots.
    public var tenants: Int
    /// One tenant may use the n-th part of each of the limits.
    public var tenantShare: Int
    /// Of one datagram. 119 carry the longest datagram over a link of 576 bytes.
    public var fragmentsPerDatagram = 128
    /// From a datagram's first fragment to its end. RFC 6146 §4 (fragments) asks for 2 s at the
    /// least, RFC 791 for 15 s until it is reassembled; but here nothing is, and an identification comes back
    /// after 6.5 s at 10,000 datagrams a second.
    public var timeoutMilliseconds: UInt64 = 5000
    /// How long a complete datagram is remembered, against late duplicates.
    public var lingerMilliseconds: UInt64 = 100

    public init(
        datagrams: Int, fragments: Int, parked: Int, tenants: Int, tenantShare: Int = 4
    ) {
        self.datagrams = datagrams
        self.fragments = fragments
        self.parked = parked
        self.tenants = tenants
        self.tenantShare = tenantShare
    }

    /// For an engine with `parked` buffers to spare for fragments.
    public init(parked: Int, tenants: Int) {
        self.init(datagrams: 4 * parked, fragments: 16 * parked, parked: parked, tenants: tenants)
    }

    /// One tenant's part of a limit, at least 1.
    func share(of limit: Int) -> Int { max(1, limit / tenantShare) }

    /// What doesn't fit together, in words; nil if all does.
    public var problem: String? {
        if [datagrams, fragments, parked, tenants, tenantShare, fragmentsPerDatagram]
            .contains(where: { $0 < 1 })
        {
            return "a limit is below 1"
        }
        if max(datagrams, fragments, parked) >= Int(UInt32.max) { return "a limit is too large" }
        // A whole datagram's fragments can be there at once.
        if fragmentsPerDatagram > 8192 { return "no datagram has more than 8,192 fragments" }
        if lingerMilliseconds > timeoutMilliseconds { return "linger exceeds the timeout" }
        return nil
    }
}
