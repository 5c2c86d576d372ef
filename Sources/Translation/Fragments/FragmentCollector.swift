// Fragments meet here: the first of a datagram names the flow, and the others go with it. It
// reassembles nothing; it passes each fragment on once, and none of a datagram whose fragments
// overlap or contradict each other (RFC 5722, here for IPv4 too). RFC 4787 §11 REQ-14: fragments
// are taken out of order, and memory is bounded.

public import Wire

/// Gathers the fragments of datagrams. Not thread safe: one engine owns it. Allocates only at its
/// start.
///
/// - Getters: `use`, `nextDeadline`.
/// - Inputs: `handle` (one fragment), `tick` (expiry).
/// - Commands: `refuse` (the flow was denied: nothing of the datagram is to pass).
/// - Outputs: `poll`, until nil, after every input: fragments that waited and wait no more. Those
///   of a first fragment follow it, in order of arrival; the caller sends the first before them.
public struct FragmentCollector: ~Copyable {
    public let capacity: FragmentCapacity
    let seed: UInt64
    /// Where new identifications come from; whole datagrams that may still be fragmented on their
    /// way (RFC 6864 §4.1) draw theirs from it too.
    public var identifications: IdentificationSource

    var datagrams: [Datagram]
    var freeDatagrams: [UInt32]
    /// Heads of the hash's chains.
    var buckets: [UInt32]
    var seen: [SeenFragment]
    var firstFreeSeen: UInt32 = 0
    /// Open and condemned ones, which end by the timeout; complete ones, which linger.
    var waiting = DatagramList()
    var lingering = DatagramList()
    var tenants: [FragmentUse]
    /// By tenant: its datagrams that are not complete, in the order of time.
    var waitingOfTenant: [DatagramList]
    var whole = FragmentUse()
    /// A ring: what `poll` has yet to give.
    var releases: [FragmentRelease]
    var releaseHead = 0
    var releaseCount = 0

    /// `seed` is secret: who knows it can crowd the index.
    public init(capacity: FragmentCapacity, bucketCount laneCount: Int, seed: UInt64) {
        precondition(capacity.problem == nil)
        self.capacity = capacity
        self.seed = seed
        identifications = IdentificationSource(laneCount: laneCount, seed: seed)
        datagrams = Array(repeating: .free, count: capacity.datagrams)
        freeDatagrams = (0..<UInt32(capacity.datagrams)).reversed()
        var bucketCount = 1
        while bucketCount < 2 * capacity.datagrams { bucketCount *= 2 }
        buckets = Array(repeating: noIndex, count: bucketCount)
        seen = Array(repeating: SeenFragment(), count: capacity.fragments)
        for index in 0..<capacity.fragments - 1 { seen[index].nearer = UInt32(index + 1) }
        tenants = Array(repeating: FragmentUse(), count: capacity.tenants)
        waitingOfTenant = Array(repeating: DatagramList(), count: capacity.tenants)
        releases = Array(
            repeating: FragmentRelease(token: 0, tenant: 0, verdict: .wait),
            count: capacity.parked)
    }

    /// Datagrams under way (without complete ones), fragments seen of them, and those that wait.
    public var use: (datagrams: Int, fragments: Int, parked: Int) {
        (whole.datagrams, whole.fragments, whole.parked)
    }

    /// When `tick` will have something to do; nil if nothing is under way.
    public var nextDeadline: Tick? {
        let timeout = capacity.timeoutMilliseconds * 1_000_000
        let linger = capacity.lingerMilliseconds * 1_000_000
        let first = since(waiting.oldest).map { $0 + timeout }
        let second = since(lingering.oldest).map { $0 + linger }
        guard let first, let second else { return first ?? second }
        return min(first, second)
    }

    private func since(_ index: UInt32) -> Tick? {
        index == noIndex ? nil : datagrams[Int(index)].since
    }

    /// The next fragment that waited and waits no more.
    public mutating func poll() -> FragmentRelease? {
        guard releaseCount > 0 else { return nil }
        let release = releases[releaseHead]
        releaseHead = releaseHead + 1 == releases.count ? 0 : releaseHead + 1
        releaseCount -= 1
        return release
    }
}
