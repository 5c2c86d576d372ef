// What an operator sets anew at each start of the service; nothing of it is in the registry.

import Sealing

/// The settings of one run.
public struct ServiceOptions: Sendable, Hashable {
    /// The quiet time: an address is given on so long after the last node has let go of it. Above
    /// the longest life of a packet.
    public var quietMilliseconds: Int64 = 2_000
    /// Snapshots are at least so long on the wire and on disks: state what the cluster will grow
    /// to, and a change never changes their length.
    public var leastSnapshotBytes = SizeClass.smallest.byteCount

    public init() {}

    /// The class of `leastSnapshotBytes`; the largest where there is none so large.
    var leastSnapshotClass: SizeClass { SizeClass(holding: leastSnapshotBytes) ?? .largest }
}
