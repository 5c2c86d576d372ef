// The header of a batch between two engines: everything one sends the other in a turn. It stands
// in the clear and is authenticated; what follows it is sealed. Version and length are in it from
// the first release on, so that two releases can run in one cluster.
//
//    0  magic 'HPPB'                            4     a Geneve reader sees version 1 and refuses it
//    4  version                                 1     of the batch's contents
//    5  header length                           1     in 4-byte units: 24; more in later versions
//    6  kind                                    1     see BatchKind
//    7  marks                                   1     see BatchMarks
//    8  total length                            4     header, contents and seal
//   12  receiver engine                         2     where a packet's bucket is: the socket's filter
//   14  sender engine                           2
//   16  sender node                             8
//   24  receiver node                           8
//   32  key epoch                               4     of the configuration: what it is sealed in
//   36  newest epoch                            4     that the sender holds the key of
//   40  sender incarnation: counter, random    16
//   56  receiver incarnation: counter, random  16     zero while not known
//   72  batch number                            8     the seal's nonce; used once per key
//   80  sequence                                8     place in the stream, from 1; 0 outside of it
//   88  acknowledged                            8     all of the peer's stream up to this one
//   96  contents

/// A node's start: a counter on its disk, raised at every start, with a random number.
public struct Incarnation: Hashable, Sendable, BitwiseCopyable {
    public var counter: UInt64
    public var random: UInt64

    @inlinable
    public init(counter: UInt64, random: UInt64) {
        self.counter = counter
        self.random = random
    }

    /// Not known yet.
    @inlinable public static var unknown: Incarnation { Incarnation(counter: 0, random: 0) }
}

/// What a batch is for.
public enum BatchKind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// Opens a channel: tells the sender's incarnation, and asks for the receiver's.
    case hello = 1
    /// Answers it.
    case welcome = 2
    /// Entries, acknowledgements, heartbeats: all that goes in a numbered stream.
    case messages = 3
}

/// What a receiver of batches has to say beside its acknowledgement.
public struct BatchMarks: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A batch came whose predecessor is missing: what follows the acknowledged is wanted again.
    @inlinable public static var gap: Self { Self(rawValue: 0x01) }
    /// The contents are what `BatchSealer.compress` made of them.
    @inlinable public static var compressed: Self { Self(rawValue: 0x02) }
    /// Of a greeting: its sender expands what is compressed. Releases before this don't say so.
    @inlinable public static var expands: Self { Self(rawValue: 0x04) }
}

/// One of a channel's two ends.
public struct EngineAddress: Hashable, Sendable, BitwiseCopyable {
    public var node: NodeID
    public var engine: UInt16

    @inlinable
    public init(node: NodeID, engine: UInt16) {
        self.node = node
        self.engine = engine
    }
}

/// What a batch header says.
public struct BatchHeader: Hashable, Sendable, BitwiseCopyable {
    public static let magic: UInt32 = 0x4850_5042
    public static let version: UInt8 = 1
    /// The first byte of every batch. Geneve's version stands in the same two bits that make it 1
    /// here, and is 0 in every packet (RFC 8926 §3.4): one look tells them apart.
    public static let firstByte = UInt8(magic >> 24)
    public static let byteCount = 96
    /// Where the key epoch stands: what opens a batch is chosen by it.
    public static let keyEpochOffset = 32
    /// Where the newest epoch stands that the sender can open batches of.
    public static let newestEpochOffset = 36
    /// Where the receiving engine stands: the filter on the sockets reads the bucket of a packet
    /// in the same place, and gives both to an engine by the remainder of this number.
    public static let receiverEngineOffset = 12
    /// Longest batch, header and seal counted: what fits in a UDP datagram over IPv4.
    public static let maximumTotalBytes = 65507

    /// `BatchHeader.version` in what this release writes.
    public var version = BatchHeader.version
    /// 96 in what this release writes; later versions may add fields, which a reader skips.
    public var headerBytes = BatchHeader.byteCount
    /// Header, contents and seal.
    public var totalBytes: Int
    public var kind: BatchKind
    public var marks: BatchMarks = []
    public var keyEpoch: UInt32
    public var newestEpoch: UInt32 = 0
    public var sender: EngineAddress
    public var receiver: EngineAddress
    public var senderIncarnation: Incarnation
    public var receiverIncarnation: Incarnation
    public var number: UInt64
    public var sequence: UInt64
    public var acknowledged: UInt64

    public init(
        kind: BatchKind, totalBytes: Int, keyEpoch: UInt32, sender: EngineAddress,
        receiver: EngineAddress, senderIncarnation: Incarnation,
        receiverIncarnation: Incarnation, number: UInt64, sequence: UInt64 = 0,
        acknowledged: UInt64 = 0
    ) {
        self.kind = kind
        self.totalBytes = totalBytes
        self.keyEpoch = keyEpoch
        self.sender = sender
        self.receiver = receiver
        self.senderIncarnation = senderIncarnation
        self.receiverIncarnation = receiverIncarnation
        self.number = number
        self.sequence = sequence
        self.acknowledged = acknowledged
    }
}

/// Why a batch was refused before its seal was tried. Each has its own counter.
public enum BatchError: UInt8, Error, CaseIterable, Sendable, BitwiseCopyable {
    /// Fewer bytes than a header.
    case tooShort
    /// Not a batch at all.
    case badMagic
    /// Of a release that this one doesn't understand.
    case unknownVersion
    /// The header length is below this version's, or beyond the batch.
    case badHeaderLength
    /// The total length isn't that of the datagram.
    case badTotalLength
    case unknownKind
    /// A sender or receiver that names no node, or a sender without incarnation.
    case missingIdentity
    /// `messages` to an incarnation that isn't named: nothing is sealed before both are known.
    case missingIncarnation
}
