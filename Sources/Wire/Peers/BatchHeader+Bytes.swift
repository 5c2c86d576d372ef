// Reader and writer of the batch header, field by field in the order of its picture.

extension BatchHeader {
    /// Reads and checks the header of the batch that a datagram holds; the contents begin at
    /// `headerBytes`. Says nothing about who really sent it: the seal does.
    public static func parse(_ bytes: RawSpan) throws(BatchError) -> BatchHeader {
        guard bytes.byteCount >= byteCount else { throw .tooShort }
        guard bytes.bigEndianUInt32(at: 0) == magic else { throw .badMagic }
        guard bytes.uint8(at: 4) == version else { throw .unknownVersion }
        let totalBytes = Int(bytes.bigEndianUInt32(at: 8))
        guard totalBytes == bytes.byteCount, totalBytes <= maximumTotalBytes else {
            throw .badTotalLength
        }
        let headerBytes = Int(bytes.uint8(at: 5)) * 4
        guard headerBytes >= byteCount, headerBytes <= totalBytes else { throw .badHeaderLength }
        guard let kind = BatchKind(rawValue: bytes.uint8(at: 6)) else { throw .unknownKind }
        var header = BatchHeader(
            kind: kind, totalBytes: totalBytes, keyEpoch: bytes.bigEndianUInt32(at: 32),
            sender: bytes.engineAddress(node: 16, engine: 14),
            receiver: bytes.engineAddress(node: 24, engine: 12),
            senderIncarnation: bytes.incarnation(at: 40),
            receiverIncarnation: bytes.incarnation(at: 56),
            number: bytes.bigEndianUInt64(at: 72), sequence: bytes.bigEndianUInt64(at: 80),
            acknowledged: bytes.bigEndianUInt64(at: 88))
        header.headerBytes = headerBytes
        header.marks = BatchMarks(rawValue: bytes.uint8(at: 7))
        header.newestEpoch = bytes.bigEndianUInt32(at: 36)
        try header.checkIdentities()
        return header
    }

    private func checkIdentities() throws(BatchError) {
        guard sender.node.rawValue != 0, receiver.node.rawValue != 0,
            senderIncarnation != .unknown
        else { throw .missingIdentity }
        guard kind != .messages || receiverIncarnation != .unknown else {
            throw .missingIncarnation
        }
    }

    /// Writes the header at offset 0; `bytes` has at least `headerBytes`, all of which are set.
    public func write(to bytes: inout MutableRawSpan) {
        precondition(headerBytes >= BatchHeader.byteCount && headerBytes & 3 == 0)
        precondition(headerBytes <= 1020 && totalBytes >= headerBytes)
        precondition(totalBytes <= BatchHeader.maximumTotalBytes)
        bytes.store(bigEndian: BatchHeader.magic, at: 0)
        bytes.store(version, at: 4)
        bytes.store(UInt8(headerBytes >> 2), at: 5)
        bytes.store(kind.rawValue, at: 6)
        bytes.store(marks.rawValue, at: 7)
        bytes.store(bigEndian: UInt32(totalBytes), at: 8)
        bytes.store(bigEndian: receiver.engine, at: 12)
        bytes.store(bigEndian: sender.engine, at: 14)
        bytes.store(bigEndian: sender.node.rawValue, at: 16)
        bytes.store(bigEndian: receiver.node.rawValue, at: 24)
        bytes.store(bigEndian: keyEpoch, at: 32)
        bytes.store(bigEndian: newestEpoch, at: 36)
        bytes.store(senderIncarnation, at: 40)
        bytes.store(receiverIncarnation, at: 56)
        bytes.store(bigEndian: number, at: 72)
        bytes.store(bigEndian: sequence, at: 80)
        bytes.store(bigEndian: acknowledged, at: 88)
        for offset in BatchHeader.byteCount..<headerBytes { bytes.store(0 as UInt8, at: offset) }
    }
}

extension RawSpan {
    fileprivate func engineAddress(node: Int, engine: Int) -> EngineAddress {
        EngineAddress(
            node: NodeID(rawValue: bigEndianUInt64(at: node)), engine: bigEndianUInt16(at: engine))
    }

    fileprivate func incarnation(at offset: Int) -> Incarnation {
        Incarnation(counter: bigEndianUInt64(at: offset), random: bigEndianUInt64(at: offset + 8))
    }
}

extension MutableRawSpan {
    fileprivate mutating func store(_ incarnation: Incarnation, at offset: Int) {
        store(bigEndian: incarnation.counter, at: offset)
        store(bigEndian: incarnation.random, at: offset + 8)
    }
}
