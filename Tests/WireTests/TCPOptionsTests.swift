import Testing
import Wire

/// TCP options, whole and hostile.
struct TCPOptionsTests {
    private func parse(_ text: String) throws(PacketError) -> TCPOptions {
        let bytes = hex(text)
        return try TCPOptions.parse(bytes.rawSpan)
    }

    // RFC 9293 §3.2.
    @Test func `the usual options of a SYN are read and written`() throws {
        let options = try parse("0204 05b4 0101 0402 0101 080a 00000001 00000002 0103 0307")
        #expect(options.maximumSegmentSize == 1460)
        #expect(options.windowScale == 7)
        #expect(options.selectiveAcknowledgmentPermitted)
        #expect(options.timestampValue == 1)
        #expect(options.timestampEcho == 2)
        let bytes = written(options.byteCount) { options.write(to: &$0, at: 0) }
        #expect(hexText(bytes) == "020405b4010104020101080a000000010000000201030307")
    }

    @Test func `options that run beyond the header are refused`() {
        for text in ["02", "0204", "020405", "0200", "0201", "08 0a 00000000 000000", "05 ff"] {
            #expect(throws: PacketError.badOptions, "\(text)") { try parse(text) }
        }
    }

    @Test func `a known option of a wrong length is refused`() {
        for text in ["0203 05", "0304 0707", "0403 00", "0802"] {
            #expect(throws: PacketError.badOptions, "\(text)") { try parse(text) }
        }
    }

    @Test func `what stands behind the end of the list is not read`() throws {
        #expect(try parse("00 02 00") == TCPOptions())
        #expect(try parse("") == TCPOptions())
    }

    // RFC 9293 §3.2.
    @Test func `unknown options are skipped`() throws {
        #expect(try parse("fe04 abcd 0303 05").windowScale == 5)
    }

    // RFC 7323 §2.3: a shift above 14 is taken as 14.
    @Test func `a window scale above 14 counts as 14`() throws {
        #expect(try parse("0303 ff").windowScale == 14)
    }
}
