// The peer protocol's header: each defect has its own name, and later versions may grow it.

import Testing
import Wire

struct BatchHeaderTests {
    static let header = BatchHeader(
        kind: .messages, totalBytes: 108, keyEpoch: 7,
        sender: EngineAddress(node: NodeID(rawValue: 1), engine: 2),
        receiver: EngineAddress(node: NodeID(rawValue: 3), engine: 4),
        senderIncarnation: Incarnation(counter: 5, random: 6),
        receiverIncarnation: Incarnation(counter: 7, random: 8), number: 9, sequence: 8,
        acknowledged: 10)

    private func error(_ change: (inout MutableRawSpan) -> Void) -> BatchError? {
        error(
            written(108) { bytes in
                Self.header.write(to: &bytes)
                change(&bytes)
            })
    }

    private func error(_ bytes: [UInt8]) -> BatchError? {
        do throws(BatchError) {
            _ = try BatchHeader.parse(bytes.rawSpan)
            return nil
        } catch { return error }
    }

    @Test func `a written header reads back as the same value`() throws {
        let bytes = written(108) { Self.header.write(to: &$0) }
        #expect(try BatchHeader.parse(bytes.rawSpan) == Self.header)
    }

    @Test func `each defect has its own name`() {
        #expect(error { $0.store(bigEndian: 0 as UInt32, at: 0) } == .badMagic)
        #expect(error { $0.store(2 as UInt8, at: 4) } == .unknownVersion)
        #expect(error { $0.store(23 as UInt8, at: 5) } == .badHeaderLength)
        #expect(error { $0.store(28 as UInt8, at: 5) } == .badHeaderLength)
        #expect(error { $0.store(bigEndian: 107 as UInt32, at: 8) } == .badTotalLength)
        #expect(error { $0.store(bigEndian: 109 as UInt32, at: 8) } == .badTotalLength)
        #expect(error { $0.store(0 as UInt8, at: 6) } == .unknownKind)
        #expect(error { $0.store(4 as UInt8, at: 6) } == .unknownKind)
        #expect(error { $0.store(bigEndian: 0 as UInt64, at: 16) } == .missingIdentity)
        #expect(error { $0.store(bigEndian: 0 as UInt64, at: 24) } == .missingIdentity)
    }

    @Test func `nothing but a hello goes to an unknown incarnation`() throws {
        var header = Self.header
        header.receiverIncarnation = .unknown
        #expect(error(written(108) { header.write(to: &$0) }) == .missingIncarnation)
        header.kind = .hello
        #expect(error(written(108) { header.write(to: &$0) }) == nil)
        header.senderIncarnation = .unknown
        #expect(error(written(108) { header.write(to: &$0) }) == .missingIdentity)
    }

    @Test func `every byte cut off is refused`() {
        let bytes = written(108) { Self.header.write(to: &$0) }
        for count in 0..<108 {
            let expected: BatchError = count < BatchHeader.byteCount ? .tooShort : .badTotalLength
            #expect(error(Array(bytes[..<count])) == expected, "\(count) bytes")
        }
    }

    @Test func `a longer header of a later release is skipped`() throws {
        var header = Self.header
        header.headerBytes = 104
        let bytes = written(108) { header.write(to: &$0) }
        #expect(try BatchHeader.parse(bytes.rawSpan).headerBytes == 104)
    }

    @Test func `a Geneve reader refuses a batch by its version`() {
        let bytes = written(108) { Self.header.write(to: &$0) }
        #expect(throws: OverlayError.badVersion) { try OverlayHeader.parse(bytes.rawSpan) }
    }

    @Test func `the receiving engine stands where a packet's bucket does`() {
        let bytes = written(108) { Self.header.write(to: &$0) }
        #expect(BatchHeader.receiverEngineOffset == OverlayHeader.bucketOffset)
        #expect(
            bytes.rawSpan.bigEndianUInt16(at: OverlayHeader.bucketOffset)
                == Self.header.receiver.engine)
    }
}
