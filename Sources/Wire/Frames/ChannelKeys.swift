// The secrets that the keys of channels are derived from, as the configuration has them. They stand in
// snapshots of nodes and in the registry, and nowhere else: never in a log, an answer or a history.

/// The secret of an epoch. Never on a wire between nodes by itself.
public struct EpochKey: Hashable, Sendable {
    public static let byteCount = 32
    /// Which epoch, from 1: what stands in the batch header.
    public let epoch: UInt32
    public let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    public init?(epoch: UInt32, bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.epoch = epoch
        self.bytes = bytes
    }
}

// What is printed by accident says which epoch, and nothing of the secret.
extension EpochKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "epoch \(epoch)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["epoch": epoch]) }
}

/// The secrets in force: batches are sealed by the newest that both ends hold, and opened by either.
public struct ChannelKeys: Hashable, Sendable {
    public var current: EpochKey
    /// The one before; nil in a cluster whose secret never changed.
    public var previous: EpochKey?

    /// `previous` is of an earlier epoch.
    public init(current: EpochKey, previous: EpochKey? = nil) {
        self.current = current
        self.previous = previous
    }
}
