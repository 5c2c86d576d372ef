// Why a batch was refused. Each refusal has one of these names and is counted under it.

public import Wire

/// A reason, as an index into counters: defects of the header, of the contents, and the channel's
/// own reasons share one number space.
public struct BatchRefusal: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public init(_ error: BatchError) { rawValue = error.rawValue }
    public init(_ error: PeerMessageError) { rawValue = 16 + error.rawValue }
    public init(_ cause: RefusalCause) { rawValue = 32 + cause.rawValue }

    /// Reasons are below this.
    public static let count = 48

    /// All reasons that have a name, in order.
    public static var all: [BatchRefusal] {
        BatchError.allCases.map(Self.init) + PeerMessageError.allCases.map(Self.init)
            + RefusalCause.allCases.map(Self.init)
    }
}

extension BatchRefusal: CustomStringConvertible {
    /// The name in counters and reports.
    public var description: String {
        switch rawValue {
        case 0..<16: BatchError(rawValue: rawValue).map { "batch.\($0)" } ?? "batch"
        case 16..<32: PeerMessageError(rawValue: rawValue - 16).map { "message.\($0)" } ?? "message"
        default: RefusalCause(rawValue: rawValue - 32).map { "channel.\($0)" } ?? "channel"
        }
    }
}

/// Reasons that need the channel's state to be seen.
public enum RefusalCause: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// Between other engines than this channel's two.
    case foreign
    /// From a node that the snapshot doesn't name.
    case unknownPeer
    /// There is no room for another channel.
    case channelTableFull
    /// For an earlier start of this node, or for one that never was.
    case foreignIncarnation
    /// From an earlier start of the peer.
    case staleIncarnation
    /// From a start of the peer that it hasn't told of yet.
    case unknownIncarnation
    /// Two starts of the peer with one counter: its disk was copied or put back.
    case conflictingIncarnation
    /// Taken before.
    case replayed
    /// One before it is still missing.
    case outOfOrder
    /// Its seal doesn't open.
    case forged
    /// It acknowledges what was never sent.
    case badAcknowledgement
    /// Messages outside of the stream.
    case contentsOutsideStream
    /// What it says is compressed can't be expanded.
    case unexpandable
}
