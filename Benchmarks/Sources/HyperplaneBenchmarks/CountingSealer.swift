// The sealer that nodes use, and a count of the messages in what it seals: after that nobody can read
// them.

import Consensus
import Wire

/// What was sealed. One thread's.
final class MessageCounts: @unchecked Sendable {
    /// Batches with messages, and those that only acknowledge.
    var batches = 0
    var acknowledgements = 0
    /// Of members: promises, views, standings, heartbeats and the like.
    var ofMembers = 0
    /// Of replicas: runs of entries, acknowledgements and marks.
    var ofReplicas = 0

    func reset() { (batches, acknowledgements, ofMembers, ofReplicas) = (0, 0, 0, 0) }

    fileprivate func count(_ contents: RawSpan) {
        guard contents.byteCount > 0 else {
            acknowledgements += 1
            return
        }
        batches += 1
        var offset = 0
        while let head = try? PeerMessageHead.parse(contents, at: offset) {
            offset = head.body.upperBound
            switch head.family {
            case .members: ofMembers += 1
            case .replicas: ofReplicas += 1
            case .loans, .engines, nil: break
            }
        }
    }
}

struct CountingSealer: BatchSealer {
    private let sealer: SealerBox
    private let counts: MessageCounts

    init(_ own: ChannelIdentity, _ peer: ChannelIdentity, _ counts: MessageCounts) {
        sealer = CommitWorld.seal(own, peer)
        self.counts = counts
    }

    var overheadBytes: Int { sealer.overheadBytes }
    var epoch: UInt32 { sealer.epoch }
    var newestEpoch: UInt32 { sealer.newestEpoch }

    func adopt(_ keys: ChannelKeys, peerEpoch: UInt32?) {
        sealer.adopt(keys, peerEpoch: peerEpoch)
    }

    func seal(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) {
        counts.count(batch.bytes.extracting(headerBytes..<length))
        sealer.seal(&batch, headerBytes: headerBytes, length: length, number: number)
    }

    func open(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) -> Bool {
        sealer.open(&batch, headerBytes: headerBytes, length: length, number: number)
    }
}
