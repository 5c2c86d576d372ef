// What a flow table has to know of a flow, and the small values that it speaks in.

public import Wire

/// The shape of a flow's record: a hot part that every packet reads, a cold part that few do, and
/// the two keys, one a direction, that both stand in the hot part.
///
/// The keys of a record never change while it is in a table.
public protocol FlowLayout {
    associatedtype Key: BitwiseCopyable & Equatable
    associatedtype Hot: BitwiseCopyable
    associatedtype Cold: BitwiseCopyable

    /// The key that packets of `direction` are looked up by. Runs once a packet, so it should not
    /// branch on `direction`, which no branch predictor guesses.
    static func key(of hot: Hot, direction: FlowDirection) -> Key

    /// A hash of all bits of the key, unguessable without `seed`: its high bits choose the line of
    /// the index, its low 16 bits the tag in it.
    static func hash(_ key: Key, seed: UInt64) -> UInt64
}

/// A flow's place in its table. It stays the same while the flow lives; afterwards another flow
/// may get it.
public struct FlowHandle: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    @inlinable var slot: Int { Int(rawValue) }
}

/// A flow found, and the direction of the key that it was found by.
public struct FlowMatch: Hashable, Sendable, BitwiseCopyable {
    public let handle: FlowHandle
    public let direction: FlowDirection

    @inlinable
    public init(handle: FlowHandle, direction: FlowDirection) {
        self.handle = handle
        self.direction = direction
    }
}

/// Why a flow was not taken in. The table is as before.
public enum FlowInsertError: UInt8, Error, Sendable, CaseIterable {
    /// As many flows as the table was made for.
    case tableFull
    /// A flow with the outbound key is there, in either direction.
    case outboundKeyTaken
    /// A flow with the inbound key is there, in either direction, or both keys are the same.
    case inboundKeyTaken
    /// No room in the lines of the index that a key may stand in, nor by moving others. Within the
    /// stated capacity it takes a hash that is no hash.
    case indexCrowded
}

/// What becomes of a flow that was visited.
public enum SweepAction: Sendable {
    case keep
    case remove
}
