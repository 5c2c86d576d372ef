// The limits and times of loans, and how they depend on each other.

import Wire

/// Limits and times of one engine's loans. Memory is reserved for all of them at start.
public struct LoanSettings: Hashable, Sendable {
    /// B, the buckets of every group.
    public var bucketCount: Int
    /// Groups that this node may serve at once.
    public var groupCapacity: Int
    /// Peers, by their numbers: the engine's channels.
    public var peerCapacity: Int
    /// Tenants counted apart; those beyond share the last one's limits.
    public var tenantCapacity: Int
    /// Loans taken, and loans given, at one time, of the buckets that are led and those that are
    /// followed; of one tenant. This engine's own decisions leave half of the room free.
    public var heldCapacity: Int
    public var heldPerTenant: Int
    public var lentCapacity: Int
    public var lentPerTenant: Int
    /// Packets that wait for a loan; of one tenant.
    public var waiterCapacity: Int
    public var waitersPerTenant: Int
    /// (bucket, destination) pairs that seek ports at one time.
    public var searchCapacity: Int
    /// Destinations of which it is known that buckets have no port for them.
    public var scarceCapacity: Int
    /// Requests on the way at one time for one bucket and destination.
    public var requestsPerSearch: Int

    /// How long a packet waits for a loan before it is dropped.
    public var waitNanoseconds: UInt64
    /// How long a lender may take to answer before the next is asked.
    public var requestNanoseconds: UInt64
    /// For how long a peer that didn't answer is passed over.
    public var silenceNanoseconds: UInt64
    /// For how long "none" is believed: a port freed meanwhile may stay unseen for as long.
    public var stalenessNanoseconds: UInt64
    /// A port given back is used again for the same destination only after this time.
    public var quietNanoseconds: UInt64
    /// How often a lender tells a borrower of a loan that stands.
    public var reminderNanoseconds: UInt64

    public init(
        bucketCount: Int = 64, groupCapacity: Int = 1024, peerCapacity: Int = 1024,
        tenantCapacity: Int = 4096, heldCapacity: Int = 32768, lentCapacity: Int = 32768,
        waiterCapacity: Int = 1024, searchCapacity: Int = 1024, scarceCapacity: Int = 4096,
        requestsPerSearch: Int = 4, waitNanoseconds: UInt64 = 200_000_000,
        requestNanoseconds: UInt64 = 40_000_000, silenceNanoseconds: UInt64 = 1_000_000_000,
        stalenessNanoseconds: UInt64 = 200_000_000, quietNanoseconds: UInt64 = 2_000_000_000,
        reminderNanoseconds: UInt64 = 10_000_000_000
    ) {
        self.bucketCount = bucketCount
        self.groupCapacity = groupCapacity
        self.peerCapacity = peerCapacity
        self.tenantCapacity = tenantCapacity
        self.heldCapacity = heldCapacity
        heldPerTenant = heldCapacity / 4
        self.lentCapacity = lentCapacity
        lentPerTenant = lentCapacity / 4
        self.waiterCapacity = waiterCapacity
        waitersPerTenant = max(1, waiterCapacity / 4)
        self.searchCapacity = searchCapacity
        self.scarceCapacity = scarceCapacity
        self.requestsPerSearch = requestsPerSearch
        self.waitNanoseconds = waitNanoseconds
        self.requestNanoseconds = requestNanoseconds
        self.silenceNanoseconds = silenceNanoseconds
        self.stalenessNanoseconds = stalenessNanoseconds
        self.quietNanoseconds = quietNanoseconds
        self.reminderNanoseconds = reminderNanoseconds
        check()
    }

    /// The relations between them.
    public func check() {
        precondition((1...View.mostBuckets).contains(bucketCount))
        precondition(groupCapacity > 0 && peerCapacity > 0 && tenantCapacity > 0)
        precondition((1...Search.requestSlots).contains(requestsPerSearch))
        precondition(scarceCapacity >= searchCapacity, "each search has an entry of its own")
        precondition(waitersPerTenant <= waiterCapacity)
        precondition(requestNanoseconds < waitNanoseconds, "a silent lender must not cost the flow")
    }
}
