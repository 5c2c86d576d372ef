// Where packets of a flow are delivered. Many flows of one interface share an entry, so that when
// an instance moves, one packet from its new host moves all of them.

public import Configuration
public import Tables
public import Wire

/// An index into `Attachments`.
public struct AttachmentIndex: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    @inlinable public static var none: AttachmentIndex { AttachmentIndex(rawValue: .max) }
}

/// What an attachment's number counts.
public enum AttachmentKind: UInt8, Sendable, BitwiseCopyable {
    /// An instance's ENI.
    case interface
    /// A load balancer's target, whose ENI is learned from its answers.
    case target
    /// An edge, by its id.
    case edge
}

/// An interface, or an edge, and the machine that it was last heard from.
public struct Attachment: Sendable, BitwiseCopyable {
    public var kind: AttachmentKind
    public var vni: VNI
    /// What it is found by: the ENI's bits, a target's id or an edge's.
    public var identity: UInt64
    public var eni: ENI
    /// Outer address of its machine; nil until a packet came from there.
    public var machine: IPAddress?
    /// Of an edge: longest packet that the network beyond takes, in bytes. Others: 0.
    public var mtu: UInt16
    @usableFromInline var users: UInt32

    /// Flows that lead to it, those in their quiet time included.
    @inlinable public var flowCount: Int { Int(users) }

    @usableFromInline
    init(
        _ kind: AttachmentKind, vni: VNI, identity: UInt64, eni: ENI, machine: IPAddress?,
        mtu: UInt16 = 0
    ) {
        self.kind = kind
        self.mtu = mtu
        self.vni = vni
        self.identity = identity
        self.eni = eni
        self.machine = machine
        users = 0
    }
}

/// All attachments that flows of one engine lead to. Fixed capacity, counted by use: an entry
/// goes with its last flow.
public struct Attachments: ~Copyable {
    @usableFromInline var entries: [Attachment]
    @usableFromInline var free: [UInt32]
    @usableFromInline var index: IdentifierMap

    public init(capacity: Int, seed: UInt64) {
        let empty = Attachment(
            .interface, vni: .outside, identity: 0, eni: .none, machine: nil)
        entries = Array(repeating: empty, count: capacity)
        free = (0..<UInt32(capacity)).reversed()
        index = IdentifierMap(capacity: capacity, seed: seed)
    }

    /// The memory that is worth backing with pages ahead of use.
    public var memoryRegion: MemoryRegion { index.memoryRegion }

    public var count: Int { entries.count - free.count }

    @inlinable
    public subscript(position: AttachmentIndex) -> Attachment {
        entries[Int(position.rawValue)]
    }

    /// The key of an interface: ids are unique already, the network is mixed in so that a forged
    /// id can't reach another network's entry.
    @inlinable
    static func key(_ kind: AttachmentKind, _ vni: VNI, _ identity: UInt64) -> UInt64 {
        let place = UInt64(kind.rawValue) << 32 | UInt64(vni.rawValue)
        let product = (identity ^ 0xA076_1D64_78BD_642F)
            .multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB ^ place)
        return product.high ^ product.low
    }

    /// The entry of (`kind`, `vni`, `identity`), if there is one.
    public func find(
        _ kind: AttachmentKind, vni: VNI, identity: UInt64
    ) -> AttachmentIndex? {
        guard let found = index[Self.key(kind, vni, identity)] else { return nil }
        let entry = entries[Int(found)]
        guard entry.kind == kind, entry.vni == vni, entry.identity == identity else {
            return nil
        }
        return AttachmentIndex(rawValue: found)
    }

    /// The entry of (`kind`, `vni`, `identity`), made if there is none; nil if the table is full. The
    /// caller counts its use by `retain`, or drops it by `releaseIfUnused`.
    @inlinable
    public mutating func intern(
        _ kind: AttachmentKind, vni: VNI, identity: UInt64, eni: ENI, machine: IPAddress?,
        mtu: UInt16 = 0
    ) -> AttachmentIndex? {
        let key = Self.key(kind, vni, identity)
        if let found = index[key] {
            // Two interfaces with one key: 1 in 2^64. Refused, never mixed up.
            let entry = entries[Int(found)]
            guard entry.kind == kind, entry.vni == vni, entry.identity == identity else {
                return nil
            }
            return AttachmentIndex(rawValue: found)
        }
        guard let position = free.popLast() else { return nil }
        entries[Int(position)] = Attachment(
            kind, vni: vni, identity: identity, eni: eni, machine: machine, mtu: mtu)
        index.set(key, to: position)
        return AttachmentIndex(rawValue: position)
    }

    @inlinable
    public mutating func retain(_ position: AttachmentIndex) {
        entries[Int(position.rawValue)].users += 1
    }

    /// Gives up one use; the last one frees the entry.
    @inlinable
    public mutating func release(_ position: AttachmentIndex) {
        entries[Int(position.rawValue)].users -= 1
        releaseIfUnused(position)
    }

    @inlinable
    public mutating func releaseIfUnused(_ position: AttachmentIndex) {
        let entry = entries[Int(position.rawValue)]
        guard entry.users == 0 else { return }
        index.remove(Self.key(entry.kind, entry.vni, entry.identity))
        free.append(position.rawValue)
    }

    /// Notes where a packet of this interface came from.
    @inlinable
    public mutating func heard(_ position: AttachmentIndex, from machine: IPAddress, eni: ENI) {
        let slot = Int(position.rawValue)
        if entries[slot].machine != machine { entries[slot].machine = machine }
        if entries[slot].eni != eni { entries[slot].eni = eni }
    }

    /// Tells where edges are now; what led to one that is gone leads to the first.
    /// Cost: one pass over all entries, so call it only when edges have changed.
    public mutating func repoint(edges: [EdgeEntry]) {
        for slot in entries.indices where entries[slot].kind == .edge {
            guard entries[slot].users > 0 else { continue }
            let edge = edges.first { $0.id == entries[slot].identity } ?? edges.first
            entries[slot].machine = edge?.address
            entries[slot].mtu = edge?.mtu ?? 0
        }
    }
}
