// How a record stands with its bucket's followers. It lies in the one byte of the record that is left
// beside its state.

public import Wire

/// What of a record is decided and not yet committed.
public enum Commitment: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// Nothing.
    case settled = 0
    /// Its end: it lives on until that is committed.
    case ending = 1
    /// Its creation: none of its packets may leave.
    case creating = 2
    /// That a quiet flow goes on: none of its packets may leave.
    case reviving = 3

    @inlinable public var awaitsCommitment: Bool { rawValue & 2 != 0 }
}

/// Commitment, and what followers were last told of the state. One byte.
public struct ReplicationMarks: Hashable, Sendable, BitwiseCopyable {
    /// Bits 0-1: commitment. Bits 2-5: the state last told.
    @usableFromInline var bits: UInt8

    @inlinable
    public init() { bits = UInt8(truncatingIfNeeded: Self.noState) &<< 2 }

    /// No state has this number.
    @inlinable static var noState: UInt8 { 15 }

    @inlinable public var commitment: Commitment {
        get {
            // Proof: two bits, and the raw values are 0 to 3.
            unsafe unsafeBitCast(bits & 3, to: Commitment.self)
        }
        set { bits = bits & ~3 | newValue.rawValue }
    }

    @inlinable public var awaitsCommitment: Bool { bits & 2 != 0 }

    /// The state that followers know; nil before they were told any.
    @inlinable public var toldState: FlowState? {
        get { FlowState(rawValue: bits &>> 2 & 15) }
        set { bits = bits & 3 | (newValue?.rawValue ?? Self.noState) &<< 2 }
    }
}

extension FlowRecord {
    @inlinable public var commitment: Commitment {
        get { replication.commitment }
        set { replication.commitment = newValue }
    }

    /// The decision that created it is not yet committed: none of its packets may leave.
    @inlinable public var awaitsCommitment: Bool { replication.awaitsCommitment }
}
