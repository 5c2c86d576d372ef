// Two ends of a channel, and batches between them.

import Wire

@testable import Sealing

struct ChannelFixture {
    let left = ChannelEnd(
        address: EngineAddress(node: NodeID(rawValue: 1), engine: 0),
        incarnation: Incarnation(counter: 3, random: 0x1111), nonce: 0xAAAA)
    let right = ChannelEnd(
        address: EngineAddress(node: NodeID(rawValue: 2), engine: 1),
        incarnation: Incarnation(counter: 9, random: 0x2222), nonce: 0xBBBB)
    let key: EpochKey

    init() { key = Self.epochKey(1, fill: 0x5A) }

    func epoch(_ number: UInt32) -> EpochKey { Self.epochKey(number, fill: 0x5A) }

    static func epochKey(_ number: UInt32, fill: UInt8) -> EpochKey {
        EpochKey(epoch: number, bytes: [UInt8](repeating: fill, count: 32))!
    }

    /// A batch from left to right, not yet sealed, with room for the tag.
    func batch(
        _ contents: [UInt8], number: UInt64, epoch: UInt32 = 1, newest: UInt32? = nil
    ) -> [UInt8] {
        let length = BatchHeader.byteCount + contents.count
        var bytes = [UInt8](repeating: 0, count: length + 16)
        bytes.replaceSubrange(BatchHeader.byteCount..<length, with: contents)
        var header = BatchHeader(
            kind: .messages, totalBytes: bytes.count, keyEpoch: epoch, sender: left.address,
            receiver: right.address, senderIncarnation: left.incarnation,
            receiverIncarnation: right.incarnation, number: number)
        header.newestEpoch = newest ?? epoch
        var span = bytes.mutableRawSpan
        header.write(to: &span)
        return bytes
    }
}

extension ChannelSealer {
    /// Seals a whole datagram whose last bytes are room for the tag.
    mutating func seal(_ bytes: inout [UInt8], number: UInt64) {
        let length = bytes.count - overheadBytes
        var span = bytes.mutableRawSpan
        seal(&span, headerBytes: BatchHeader.byteCount, length: length, number: number)
    }

    /// The contents of a sealed datagram, by the number that its header states; nil if refused.
    mutating func open(_ datagram: [UInt8]) -> [UInt8]? {
        guard let header = try? BatchHeader.parse(datagram.rawSpan) else { return nil }
        var bytes = datagram
        let length = bytes.count - overheadBytes
        var span = bytes.mutableRawSpan
        let isGood = open(
            &span, headerBytes: header.headerBytes, length: length, number: header.number)
        return isGood ? Array(bytes[header.headerBytes..<length]) : nil
    }
}
