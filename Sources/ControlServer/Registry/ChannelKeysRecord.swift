// The secrets of the channels between nodes: drawn when a cluster is initialised, drawn anew when an
// operator says so. They leave the registry only in the snapshots of nodes.

import ControlClient
import Wire

/// The current epoch's secret, and the one before.
struct ChannelKeysRecord: Codable, Sendable, Equatable {
    var epoch: UInt32
    var current: [UInt8]
    /// Of the epoch before; nil in the first.
    var previous: [UInt8]?

    /// The first epoch.
    init(on occasion: inout Occasion) {
        epoch = 1
        current = Self.draw(on: &occasion)
    }

    /// The next epoch. Batches of the one before are still opened, older ones not.
    mutating func rotate(on occasion: inout Occasion) {
        previous = current
        current = Self.draw(on: &occasion)
        epoch += 1
    }

    /// What snapshots hold.
    var keys: ChannelKeys? {
        guard let current = EpochKey(epoch: epoch, bytes: current) else { return nil }
        return ChannelKeys(
            current: current,
            previous: previous.flatMap { EpochKey(epoch: epoch - 1, bytes: $0) })
    }

    private static func draw(on occasion: inout Occasion) -> [UInt8] {
        (0..<EpochKey.byteCount / 8).flatMap { _ in
            let word = occasion.random()
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
        }
    }
}

// What is printed by accident says which epoch, and nothing of the secret.
extension ChannelKeysRecord: CustomStringConvertible, CustomReflectable {
    var description: String { "epoch \(epoch)" }
    var customMirror: Mirror { Mirror(self, children: ["epoch": epoch]) }
}

extension Registry {
    /// Draws the first keys of a cluster that has none.
    mutating func makeChannelKeys(on occasion: inout Occasion) {
        guard channelKeys == nil else { return }
        setChannelKeys(ChannelKeysRecord(on: &occasion), at: occasion.now)
    }

    /// Draws the next epoch's keys. Refused so soon after the last time that a node could have
    /// missed the epoch between, and would hold none that its peers still open.
    mutating func rotateChannelKeys(on occasion: inout Occasion) throws(Problem) {
        guard var keys = channelKeys else { return makeChannelKeys(on: &occasion) }
        let rests = cluster.keysRotated.map { $0 + Limits.keyRotationMilliseconds } ?? 0
        guard keys.epoch == 1 || rests <= occasion.now else {
            throw Problem(
                status: 409, code: "keys-too-young", title: "The keys are too young",
                detail: "the channels' keys were changed less than "
                    + "\(Limits.keyRotationMilliseconds / 1_000) seconds ago",
                hint: "Wait until all nodes have the present ones.")
        }
        keys.rotate(on: &occasion)
        setChannelKeys(keys, at: occasion.now)
    }

    private mutating func setChannelKeys(_ keys: ChannelKeysRecord, at now: Int64) {
        channelKeys = keys
        // So that the history says who changed them, and when.
        cluster.keyEpoch = keys.epoch
        cluster.keysRotated = now
    }
}
