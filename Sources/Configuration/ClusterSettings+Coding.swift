// Reader and writer of what holds for the whole cluster, and of the channels' keys, field by field.

import Wire

extension ClusterSettings: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(UInt32(bucketCount))
        writer.write(portRange.lowerBound)
        writer.write(portRange.upperBound)
        writer.write(overlayMTU)
        writer.write(quietSeconds)
        writer.write(lossQuietSeconds)
        writer.write(UInt8(copies))
        writer.write(heartbeatMilliseconds)
        writer.write(leaseMilliseconds)
        writer.write(suspectMilliseconds)
        writer.write(driftPartsPerMillion)
        writer.write([keys?.current, keys?.previous].compactMap(\.self))
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let id = try reader.uint64()
        let bucketCount = Int(try reader.uint32())
        let lowest = try reader.uint16()
        let highest = try reader.uint16()
        guard lowest <= highest else { throw .invalid("the port range ends before it begins") }
        self.init(
            id: id, bucketCount: bucketCount, portRange: lowest...highest,
            overlayMTU: try reader.uint16(), quietSeconds: try reader.uint32(),
            lossQuietSeconds: try reader.uint32())
        copies = Int(try reader.uint8())
        heartbeatMilliseconds = try reader.uint32()
        leaseMilliseconds = try reader.uint32()
        suspectMilliseconds = try reader.uint32()
        driftPartsPerMillion = try reader.uint32()
        let listed = try reader.list(of: EpochKey.self)
        guard listed.count <= 2 else { throw .invalid("there are more than two epochs of keys") }
        keys = listed.first.map {
            ChannelKeys(current: $0, previous: listed.count > 1 ? listed[1] : nil)
        }
    }
}

extension EpochKey: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(epoch)
        for byte in bytes { writer.write(byte) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let epoch = try reader.uint32()
        var bytes: [UInt8] = []
        for _ in 0..<EpochKey.byteCount { bytes.append(try reader.uint8()) }
        guard let key = EpochKey(epoch: epoch, bytes: bytes) else { throw .torn }
        self = key
    }
}
