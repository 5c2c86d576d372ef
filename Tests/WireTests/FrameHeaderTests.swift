// Ethernet, ARP, VXLAN and bare Geneve headers: what is too short or not ours.

import Testing
import Wire

struct FrameHeaderTests {
    @Test func `a frame shorter than its header is refused`() {
        let tagged = hex("020000000001 020000000002 8100 2064 0800")
        #expect(throws: Never.self) { try EthernetHeader.parse(tagged.rawSpan) }
        for count in 0..<14 {
            #expect(throws: PacketError.tooShort) {
                try EthernetHeader.parse(Array(tagged[..<count]).rawSpan)
            }
        }
        for count in 14..<18 {
            #expect(throws: PacketError.tooShort) {
                try EthernetHeader.parse(Array(tagged[..<count]).rawSpan)
            }
        }
    }

    @Test func `ARP of other networks is refused`() throws {
        let request = hex(
            "0001 0800 06 04 0001 020000000001 0a000105 000000000000 0a000101")
        #expect(try ARPPacket.parse(request.rawSpan).operation == .request)
        for index in 0..<8 {
            var other = request
            other[index] ^= 0x40
            #expect(throws: PacketError.badARP, "byte \(index)") {
                try ARPPacket.parse(other.rawSpan)
            }
        }
        #expect(throws: PacketError.tooShort) {
            try ARPPacket.parse(Array(request[..<27]).rawSpan)
        }
    }

    // RFC 7348 §5.
    @Test func `VXLAN without the I bit is refused, reserved bits are ignored`() throws {
        #expect(throws: OverlayError.vniMissing) {
            try VXLANHeader.parse(hex("F7 ffffff 123456 ff").rawSpan)
        }
        #expect(throws: OverlayError.tooShort) {
            try VXLANHeader.parse(hex("08 000000 123456").rawSpan)
        }
        let header = try VXLANHeader.parse(hex("FF ffffff 123456 ff").rawSpan)
        #expect(header.vni.rawValue == 0x123456)
        #expect(hexText(written(8) { header.write(to: &$0) }) == "0800000012345600")
    }

    // RFC 8926 §3.5 (lengths): the sum of the lengths is the header's.
    @Test func `Geneve options that don't add up are refused`() {
        func walk(_ text: String) throws(OverlayError) -> Int {
            let options = hex(text)
            var walk = GeneveOptionWalk(options.rawSpan)
            var count = 0
            while try walk.next() != nil { count += 1 }
            return count
        }
        #expect(throws: OverlayError.optionLengthMismatch) { try walk("0102 03 01") }
        #expect(throws: OverlayError.optionLengthMismatch) { try walk("0102 03 02 00000000") }
        #expect(throws: OverlayError.optionLengthMismatch) { try walk("0102 03 00 0102") }
        #expect((try? walk("0102 03 00 0102 03 E1 00000000")) == 2)
        #expect((try? walk("")) == 0)
    }

    @Test func `a MAC address reads and prints in one form`() {
        #expect(MACAddress("02:00:0A:ff:00:01")?.description == "02:00:0a:ff:00:01")
        for text in ["", "02:00:00:00:00", "02:00:00:00:00:0g", "2:0:0:0:0:1", "02:00:00:00:00:+1"]
        {
            #expect(MACAddress(text) == nil, "\(text)")
        }
        #expect(MACAddress.broadcast.isMulticast)
    }
}
