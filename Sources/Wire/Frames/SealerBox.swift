// A sealer of any kind in one type, so that what is generic over sealers in one module can be used by
// another without being generic too. Decision record 020.

/// Erases a `BatchSealer`: one virtual call a batch.
public final class SealerBox: BatchSealer {
    private var sealer: any BatchSealer & ~Copyable

    public init(_ sealer: consuming some BatchSealer & ~Copyable) {
        self.sealer = consume sealer
    }

    public var overheadBytes: Int { sealer.overheadBytes }
    public var epoch: UInt32 { sealer.epoch }
    public var newestEpoch: UInt32 { sealer.newestEpoch }

    public func adopt(_ keys: ChannelKeys, peerEpoch: UInt32?) {
        sealer.adopt(keys, peerEpoch: peerEpoch)
    }

    public func seal(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) {
        sealer.seal(&batch, headerBytes: headerBytes, length: length, number: number)
    }

    public func open(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) -> Bool {
        sealer.open(&batch, headerBytes: headerBytes, length: length, number: number)
    }

    public func compress(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int
    ) -> Int? {
        sealer.compress(&batch, headerBytes: headerBytes, length: length)
    }

    public func expand(_ block: RawSpan, into contents: inout MutableRawSpan) -> Int? {
        sealer.expand(block, into: &contents)
    }
}
