import Testing
import Wire

/// Cases of the encapsulation's reader; each damaged header must be refused by its own name.
struct OverlayHeaderTests {
    static let header = OverlayHeader(
        vni: VNI(truncating: 0xABCDEF), innerIsIPv4: true, bucket: BucketIndex(0x1234),
        marks: [.inbound, .leg(.overLoan), .returnTaken], eni: ENI(rawValue: 0x1122_3344_5566_7788),
        resource: ResourceID(rawValue: 0x99AA_BBCC_DDEE_FF01), listener: 0x4242)

    static let bytes = hex(
        """
        0940 0800 ABCDEF 00
        FF48 81 01 1234 0F 00
        FF48 02 02 1122334455667788
        FF48 83 03 99AABBCCDDEEFF01 4242 0000
        """)

    func error(_ bytes: [UInt8]) -> OverlayError? {
        do {
            _ = try OverlayHeader.parse(bytes.rawSpan)
            return nil
        } catch { return error }
    }

    func error(changing index: Int, to value: UInt8) -> OverlayError? {
        var bytes = Self.bytes
        bytes[index] = value
        return error(bytes)
    }

    // RFC 8926 §3.4 (options length), §3.4 (reserved), §7.
    @Test func `a header is written as its picture says`() {
        #expect(written(44) { Self.header.write(to: &$0) } == Self.bytes)
    }

    @Test func `a written header reads back as the same value`() throws {
        let (header, offset) = try OverlayHeader.parse(Self.bytes.rawSpan)
        #expect(header == Self.header)
        #expect(offset == 44)
        #expect(header.marks.leg == .overLoan)
    }

    @Test func `what a collector says of a fragment reads back, and never without an origin`()
        throws
    {
        var header = Self.header
        header.origin = IPAddress("192.0.2.7")
        header.fragment = OverlayFragment(
            sourcePort: Port(1), destinationPort: Port(2), newIdentification: 0xABCD)
        let bytes = written(header.passedOnBytes) { header.writePassedOn(to: &$0) }
        #expect(bytes.count == OverlayHeader.collectedByteCount)
        let (read, offset) = try OverlayHeader.parse(bytes.rawSpan)
        #expect(read == header)
        #expect(offset == bytes.count)
        var without = Array(bytes[..<44]) + Array(bytes[64...])
        without[0] -= 5
        #expect(error(without) == .originMissing)
    }

    // RFC 8926 §3.4 (options length).
    @Test func `every byte cut off makes it too short`() {
        for count in 0..<44 {
            #expect(error(Array(Self.bytes[0..<count])) == .tooShort, "\(count) bytes")
        }
    }

    // RFC 8926 §3.4 (version), §3.4 (control), §3.4 (protocol type), §3.5 (critical).
    @Test func `each defect has its own name`() {
        #expect(error(changing: 0, to: 0x49) == .badVersion)
        #expect(error(changing: 1, to: 0xC0) == .controlPacket)
        #expect(error(changing: 1, to: 0x00) == .criticalBitMissing)
        #expect(error(changing: 2, to: 0x65) == .badProtocolType)
        #expect(error(changing: 0, to: 0x08) == .optionLengthMismatch)
        #expect(error(changing: 11, to: 0x02) == .badOptionLength)
        #expect(error(changing: 10, to: 0x83) == .badOptionLength)
        #expect(error(changing: 8, to: 0x01) == .unknownCriticalOption)
        #expect(error(changing: 28, to: 0x01) == .unknownCriticalOption)
        #expect(error(changing: 14, to: 0x10) == .unknownMarks)
        #expect(error(Self.bytes + [0x60]) == .innerVersionMismatch)
        #expect(error(hex("0040 0800 000001 00")) == .steeringMissing)
        #expect(error(hex("0200 0800 000001 00 0102 0301 00000000")) == .steeringMissing)
        let twice = "FF48 81 01 1234 0F 00"
        #expect(error(hex("0440 0800 000001 00" + twice + twice)) == .duplicateOption)
    }

    // RFC 8926 §3.5 (unknown).
    @Test func `options come in any order, may be absent, and unknown ones are skipped`() throws {
        let bytes = hex(
            """
            0A40 86DD 000007 00 FF48 81 01 0005 01 00 FF48 83 03 0000000000000009 0003 0000
            0102 03 00 FF48 02 02 0000000000000008
            """)
        let (header, offset) = try OverlayHeader.parse(bytes.rawSpan)
        #expect(
            header
                == OverlayHeader(
                    vni: VNI(truncating: 7), innerIsIPv4: false, bucket: BucketIndex(5),
                    marks: .inbound, eni: ENI(rawValue: 8), resource: ResourceID(rawValue: 9),
                    listener: 3))
        #expect(offset == 48)
        let short = try OverlayHeader.parse(
            hex("0240 0800 000007 00 FF48 81 01 0005 01 00").rawSpan)
        #expect(short.header.eni == .none && short.header.resource == .none)
        #expect(short.innerOffset == 16)
    }

    // RFC 8926 §3.4 (reserved).
    @Test func `reserved bits are ignored`() throws {
        var bytes = Self.bytes
        bytes[1] |= 0x3F
        bytes[7] = 0xFF
        bytes[11] |= 0xE0
        bytes[15] = 0xFF
        bytes[19] |= 0xE0
        bytes[31] |= 0xE0
        bytes[42] = 0xFF
        #expect(try OverlayHeader.parse(bytes.rawSpan).header == Self.header)
    }
}
