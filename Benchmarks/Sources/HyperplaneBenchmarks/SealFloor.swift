// What it costs one processor to copy a batch, seal it, copy it again and open it: no decision can be
// replicated for less.

import Sealing
import Wire

enum SealFloor {
    private static let headerBytes = BatchHeader.byteCount

    /// Nanoseconds for each byte of batches of `bytes`.
    static func nanosecondsByte(bytes: Int) -> Samples {
        let ends = [UInt64(1), 2].map {
            ChannelEnd(
                address: EngineAddress(node: NodeID(rawValue: $0), engine: 0),
                incarnation: Incarnation(counter: 1, random: 1), nonce: $0)
        }
        let sealer = SealerBox(
            ChannelSealer(own: ends[0], peer: ends[1], key: CommitWorld.key))
        let opener = SealerBox(
            ChannelSealer(own: ends[1], peer: ends[0], key: CommitWorld.key))
        var plain = [UInt8](repeating: 7, count: bytes)
        var header = plain.mutableRawSpan
        header.store(bigEndian: CommitWorld.key.epoch, at: BatchHeader.keyEpochOffset)
        header.store(bigEndian: CommitWorld.key.epoch, at: BatchHeader.newestEpochOffset)
        var sealed = plain
        var opened = plain
        var number: UInt64 = 0
        let length = bytes - sealer.overheadBytes
        return Samples(
            (0..<7).map { _ in
                nanosecondsEach(20_000 * bytes) {
                    for _ in 0..<20_000 {
                        number += 1
                        copy(plain, to: &sealed)
                        seal(&sealed, length, number, by: sealer)
                        copy(sealed, to: &opened)
                        open(&opened, length, number, by: opener)
                    }
                }
            })
    }

    private static func copy(_ source: [UInt8], to target: inout [UInt8]) {
        for index in source.indices { target[index] = source[index] }
    }

    private static func seal(
        _ batch: inout [UInt8], _ length: Int, _ number: UInt64, by sealer: SealerBox
    ) {
        var bytes = batch.mutableRawSpan
        sealer.seal(&bytes, headerBytes: headerBytes, length: length, number: number)
    }

    private static func open(
        _ batch: inout [UInt8], _ length: Int, _ number: UInt64, by opener: SealerBox
    ) {
        var bytes = batch.mutableRawSpan
        let isGood = opener.open(
            &bytes, headerBytes: headerBytes, length: length, number: number)
        precondition(isGood, "a sealed batch opens")
    }
}
