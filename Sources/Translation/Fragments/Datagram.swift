// The collector's records: one for each datagram under way, one for each fragment seen of it. They
// are linked by index, as nothing is allocated after the start.

import Wire

/// The end of a list of indices.
let noIndex = UInt32.max

/// What is known of one datagram.
struct Datagram: Sendable, BitwiseCopyable {
    enum Phase: UInt8, Sendable, BitwiseCopyable {
        /// Fragments are missing.
        case open
        /// Something was wrong with it: all further fragments are dropped for `cause`.
        case condemned
        /// All were passed on.
        case complete
        /// The record is of no datagram.
        case free
    }

    var key: FragmentKey
    var tenant: UInt32
    var phase = Phase.open
    var cause = DropCause.fragmentTimeout
    /// From the first fragment.
    var ports: DatagramPorts?
    var newIdentification: UInt16?
    /// The datagram's bytes; nil until its last fragment was seen.
    var total: Int32?
    var receivedBytes: Int32 = 0
    var fragmentCount: UInt16 = 0
    /// When it began, or when it was complete.
    var since: Tick
    /// Its fragments, the farthest first.
    var farthest = noIndex
    /// Those that wait, in order of arrival.
    var firstParked = noIndex
    var lastParked = noIndex
    /// The next of the same hash.
    var nextInBucket = noIndex
    /// Neighbours in the order of `since`, among those of its list.
    var older = noIndex
    var newer = noIndex
    /// The same among its tenant's that are not complete.
    var olderOfTenant = noIndex
    var newerOfTenant = noIndex

    /// Of no datagram.
    static var free: Datagram {
        let nowhere = IPAddress.v4(IPv4Address(rawValue: 0))
        var datagram = Datagram(
            Fragment(
                key: FragmentKey(
                    scope: 0, source: nowhere, destination: nowhere,
                    ipProtocol: IPProtocol(rawValue: 0), identification: 0),
                tenant: 0, offset: 0, byteCount: 0, moreFragments: false, ports: nil, token: 0),
            since: Tick(rawValue: 0))
        datagram.phase = .free
        return datagram
    }

    init(_ fragment: Fragment, since: Tick) {
        key = fragment.key
        tenant = UInt32(fragment.tenant)
        self.since = since
    }

    var pass: DatagramPass? {
        ports.map { DatagramPass(ports: $0, newIdentification: newIdentification) }
    }
}

/// One fragment seen. 24 bytes.
struct SeenFragment: Sendable, BitwiseCopyable {
    var offset: UInt16 = 0
    var byteCount: UInt16 = 0
    var moreFragments = false
    var token: UInt32 = 0
    /// The next nearer to the beginning; of a free record, the next free one.
    var nearer = noIndex
    /// The next that waits.
    var nextParked = noIndex

    init() {}

    init(_ fragment: Fragment) {
        offset = UInt16(fragment.offset)
        byteCount = UInt16(fragment.byteCount)
        moreFragments = fragment.moreFragments
        token = fragment.token
    }

    var end: Int { Int(offset) + Int(byteCount) }
}

/// Two ends of a list of datagrams in the order of time.
struct DatagramList: Sendable, BitwiseCopyable {
    var oldest = noIndex
    var newest = noIndex
}

/// What a tenant holds.
struct FragmentUse: Sendable, BitwiseCopyable, Equatable {
    var datagrams = 0
    var fragments = 0
    var parked = 0
}
