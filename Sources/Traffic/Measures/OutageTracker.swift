// The longest outage, as the product's reports define it: merge the sending times of all flows of a
// bucket; the outage is the longest run of packets that were lost or came more than 50 ms late,
// from its first sending to the sending of the next good one.

package import Wire

/// The sendings of one bucket, in order, until each is known to be good or bad.
///
/// A packet is good when its answer comes within `lateNanoseconds` of its sending. Whether it is
/// good is known after that time at the latest, so only so many sendings are held.
/// Allocates when more are pending than ever before, otherwise nothing.
package struct OutageTrack: Sendable {
    package static let lateNanoseconds: UInt64 = 50_000_000

    /// Sending time in nanoseconds, shifted left; the lowest bit says that it was answered in time.
    private var ring: [UInt64] = Array(repeating: 0, count: 16)
    private var head: UInt32 = 0
    private var tail: UInt32 = 0
    private var badSince: Tick?
    private var first: Tick?
    private var last = Tick(rawValue: 0)
    package private(set) var sendings: UInt64 = 0
    package private(set) var longestNanoseconds: UInt64 = 0
    /// When the longest outage began; nil if there was none.
    package private(set) var longestSince: Tick?

    package init() {}

    /// Notes a sending at `now`, which never decreases. The ticket comes back in `answered`.
    package mutating func sent(at now: Tick) -> UInt16 {
        settle(now)
        if tail &- head == UInt32(ring.count) { grow() }
        ring[Int(tail) & (ring.count - 1)] = now.rawValue << 1
        let ticket = UInt16(truncatingIfNeeded: tail)
        tail &+= 1
        sendings += 1
        first = first ?? now
        last = now
        return ticket
    }

    /// Notes the answer to the sending with this ticket. Late and repeated answers change nothing.
    package mutating func answered(_ ticket: UInt16, at now: Tick) {
        let ahead = UInt32(ticket &- UInt16(truncatingIfNeeded: head))
        guard ahead < tail &- head else { return }
        let index = Int(head &+ ahead) & (ring.count - 1)
        let sending = Tick(rawValue: ring[index] >> 1)
        guard now - sending <= Self.lateNanoseconds else { return }
        ring[index] |= 1
    }

    /// Decides all sendings whose time is over, and those before them that were answered.
    mutating func settle(_ now: Tick) {
        while head != tail {
            let entry = ring[Int(head) & (ring.count - 1)]
            let sending = Tick(rawValue: entry >> 1)
            if entry & 1 == 1 {
                close(at: sending)
            } else if now - sending > Self.lateNanoseconds {
                badSince = badSince ?? sending
            } else {
                return
            }
            head &+= 1
        }
    }

    /// Decides everything; a run of bad packets that no good one ended lasts until `now`.
    package mutating func finish(_ now: Tick) {
        settle(now + Self.lateNanoseconds + 1)
        close(at: now)
    }

    private mutating func close(at good: Tick) {
        guard let since = badSince else { return }
        if good - since > longestNanoseconds {
            longestNanoseconds = good - since
            longestSince = since
        }
        badSince = nil
    }

    /// Whether a moment lies in the longest outage.
    package func isInLongest(_ moment: Tick) -> Bool {
        guard let longestSince else { return false }
        return moment >= longestSince && moment - longestSince < longestNanoseconds
    }

    /// Forgets what was so far, but not what is under way.
    package mutating func restart() {
        sendings = 0
        first = nil
        longestNanoseconds = 0
        longestSince = nil
    }

    /// The mean time between two sendings: no outage shorter than this can be told from a single
    /// lost packet. Zero with fewer than two.
    package var resolutionNanoseconds: UInt64 {
        guard let first, sendings > 1 else { return 0 }
        return (last - first) / (sendings - 1)
    }

    private mutating func grow() {
        var larger = Array(repeating: UInt64(0), count: ring.count * 2)
        for offset in 0..<UInt32(ring.count) {
            let position = head &+ offset
            larger[Int(position) & (larger.count - 1)] = ring[Int(position) & (ring.count - 1)]
        }
        ring = larger
    }
}

/// One track for each bucket of each resource.
struct OutageTracker: Sendable {
    private var tracks: [OutageTrack]

    var count: Int { tracks.count }

    /// In nanoseconds.
    func longest(of track: Int) -> UInt64 { tracks[track].longestNanoseconds }

    init(trackCount: Int) { tracks = Array(repeating: OutageTrack(), count: trackCount) }

    mutating func sent(_ track: Int, at now: Tick) -> UInt16 { tracks[track].sent(at: now) }

    mutating func answered(_ track: Int, _ ticket: UInt16, at now: Tick) {
        tracks[track].answered(ticket, at: now)
    }

    func track(_ track: Int) -> OutageTrack { tracks[track] }

    /// Of all tracks.
    var sendings: UInt64 { tracks.reduce(0) { $0 + $1.sendings } }

    mutating func restart() {
        for index in tracks.indices { tracks[index].restart() }
    }

    mutating func finish(_ now: Tick) {
        for index in tracks.indices { tracks[index].finish(now) }
    }

    /// The longest outage over all buckets, its bucket, and that bucket's resolution. With no
    /// outage at all, the coarsest resolution of any bucket: nothing longer was there.
    var longest: Outage {
        var worst = Outage(track: 0, nanoseconds: 0, resolutionNanoseconds: 0)
        for (index, track) in tracks.enumerated() where track.longestNanoseconds > worst.nanoseconds
        {
            worst = Outage(
                track: index, nanoseconds: track.longestNanoseconds,
                resolutionNanoseconds: track.resolutionNanoseconds)
        }
        if worst.nanoseconds == 0 {
            worst.resolutionNanoseconds = tracks.map(\.resolutionNanoseconds).max() ?? 0
        }
        return worst
    }
}

/// An outage of one bucket.
struct Outage: Equatable, Sendable {
    var track: Int
    var nanoseconds: UInt64
    var resolutionNanoseconds: UInt64
}
