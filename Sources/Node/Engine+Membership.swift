// What the node's daemon has to do with its membership: records for the disk, draining, and when the
// engine wants a turn though nothing comes.

public import Consensus
public import Wire

extension Engine {
    /// A group's generation and configuration, to be put on disk: then `recorded`. On the node's first
    /// engine; nil if there is none.
    public mutating func pollRecord() -> GroupRecord? { exchange.pollRecord() }

    /// The next thing that the node's membership has for the log; of the first engine alone.
    public mutating func pollNotice() -> MemberNotice? { exchange.pollNotice() }

    /// The record is on disk: the node may act under it.
    public mutating func recorded(_ record: GroupRecord, at now: Tick) {
        exchange.recorded(record, at: now)
        replicate(now)
    }

    /// Hands all buckets over to other nodes, and takes none, until told otherwise. Its copies stay.
    public mutating func setDraining(_ isDraining: Bool) { exchange.setDraining(isDraining) }

    /// Tells the peers that this node is about to stop, so that they do without it at once.
    public mutating func leave() { exchange.leave() }

    /// Whether they do without it.
    public var isReplaced: Bool { exchange.isReplaced }

    /// When `tick` has something to do for the peers, if nothing comes before.
    public var wakeAt: Tick? { exchange.wakeAt }

    /// How long a bucket of this engine's gives no port of its own yet, after a loss of all copies: the
    /// longest of all.
    public func portsRestNanoseconds(at now: Tick) -> UInt64 {
        resting.reduce(UInt64(0)) {
            max($0, $1.until > now ? $1.until - now : 0)
        }
    }

    /// Buckets that this engine leads, follows, and is filled with.
    public var standing: ReplicaStanding { exchange.replica.standing }
}
