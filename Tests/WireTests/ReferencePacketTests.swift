// Every reference packet, read and written: neither reader nor writer is held against the other.

import Testing
import Wire

struct ReferencePacketTests {
    @Test func `there are at least fifty of them`() {
        #expect(ReferencePacket.all.count >= 50)
        #expect(Set(ReferencePacket.all.map(\.name)).count == ReferencePacket.all.count)
    }

    // RFC 791 §3.1, RFC 8200 §3, RFC 792, RFC 4443 §2.1, RFC 9293 §3.1.
    @Test(arguments: ReferencePacket.all)
    func `every layer reads as the independent tool says`(_ packet: ReferencePacket) throws {
        var offset = 0
        for line in packet.layers {
            offset += try expectRead(line, Array(packet.bytes[offset...]))
        }
        #expect(packet.layers.isEmpty || offset == packet.bytes.count)
    }

    @Test(arguments: ReferencePacket.all)
    func `every layer is written with the independent tool's bytes`(_ packet: ReferencePacket) {
        guard !packet.layers.isEmpty else { return }
        #expect(hexText(packet.layers.flatMap(writtenLayer)) == hexText(packet.bytes))
    }

    @Test(arguments: ReferencePacket.all)
    func `the summary says what the packet is`(_ packet: ReferencePacket) throws {
        for note in packet.notes("summary") {
            let bytes = Array(packet.bytes[note.integer("at")...])
            let summary = try PacketSummary.parse(bytes.rawSpan)
            #expect(summary.tuple == tuple(note))
            #expect("\(summary.kind)" == note.text("kind"))
            #expect(summary.isIPv4 == summary.tuple.source.isIPv4)
            #expect(summary.totalBytes == note.integer("totalBytes"))
            #expect(summary.transportOffset == note.integer("transportOffset"))
            #expect(summary.payloadOffset == note.integer("payloadOffset"))
            #expect(summary.payloadBytes == note.integer("payloadBytes"))
            #expect(summary.tcpFlags.rawValue == note.integer("tcpFlags"))
            #expect(summary.icmpType == note.integer("icmpType"))
            #expect(summary.icmpCode == note.integer("icmpCode"))
            #expect(summary.timeToLive == note.integer("timeToLive"))
            #expect(summary.fragmentOffset == note.integer("fragmentOffset"))
            #expect(summary.moreFragments == note.flag("moreFragments"))
            #expect(summary.identification == note.integer("identification"))
            #expect("\(ChecksumVerdict.verify(bytes.rawSpan, summary))" == note.text("verdict"))
        }
    }

    // RFC 4443 §2.3.
    @Test(arguments: ReferencePacket.all)
    func `a filled transport checksum is the independent tool's`(_ packet: ReferencePacket) throws {
        for note in packet.notes("summary") where note.text("verdict") == "valid" {
            let bytes = Array(packet.bytes[note.integer("at")...])
            let summary = try PacketSummary.parse(bytes.rawSpan)
            var refilled = bytes
            let offset = try #require(TransportChecksum.offset(summary.tuple))
            refilled[summary.transportOffset + offset] ^= 0x5A
            var span = refilled.mutableRawSpan
            TransportChecksum.fill(&span, summary)
            #expect(refilled == bytes)
        }
    }

    // RFC 8200 §4.1, §4.4, RFC 7112 §5.
    @Test(arguments: ReferencePacket.all)
    func `a defective packet is refused by its name`(_ packet: ReferencePacket) {
        for note in packet.notes("refused") {
            let error = #expect(throws: PacketError.self) {
                try PacketSummary.parse(packet.bytes.rawSpan)
            }
            #expect(error.map { "\($0)" } == note.text("error"))
        }
    }

    // RFC 1122 §3.2.2, RFC 792.
    @Test(arguments: ReferencePacket.all)
    func `the packet inside an ICMP error tells its flow`(_ packet: ReferencePacket) throws {
        for note in packet.notes("embedded") {
            let summary = try PacketSummary.parse(packet.bytes.rawSpan)
            if let name = note.fields["error"] {
                let error = #expect(throws: PacketError.self) {
                    try EmbeddedPacket.parse(in: packet.bytes.rawSpan, of: summary)
                }
                #expect(error.map { "\($0)" } == name)
                continue
            }
            let embedded = try EmbeddedPacket.parse(in: packet.bytes.rawSpan, of: summary)
            #expect(embedded.tuple == tuple(note))
            #expect(embedded.offset == note.integer("offset"))
            #expect(embedded.transportOffset == note.integer("transportOffset"))
            #expect(embedded.end == note.integer("end"))
            #expect(try summary.embeddedTuple(of: packet.bytes.rawSpan) == embedded.tuple)
        }
    }

    @Test(arguments: ReferencePacket.all)
    func `the encapsulation reads and writes as its picture says`(
        _ packet: ReferencePacket
    ) throws {
        for note in packet.notes("overlay") {
            var expected = OverlayHeader(
                vni: VNI(truncating: note.integer("vni")), innerIsIPv4: note.flag("innerIsIPv4"),
                bucket: BucketIndex(rawValue: note.integer("bucket")),
                marks: OverlayMarks(rawValue: note.integer("marks")),
                eni: ENI(rawValue: note.integer("eni")),
                resource: ResourceID(rawValue: note.integer("resource")),
                listener: note.integer("listener"))
            expected.origin = IPAddress(note.text("origin"))
            let (header, innerOffset) = try OverlayHeader.parse(packet.bytes.rawSpan)
            #expect(header == expected)
            #expect(innerOffset == note.integer("innerOffset"))
            let usual = written(OverlayHeader.byteCount) { expected.write(to: &$0) }
            if expected.origin == nil {
                #expect(usual == Array(packet.bytes[..<innerOffset]))
            } else {
                let bytes = written(innerOffset) { expected.writePassedOn(to: &$0) }
                #expect(bytes == Array(packet.bytes[..<innerOffset]))
            }
        }
    }

    private func tuple(_ note: ReferenceLine) -> FlowTuple {
        FlowTuple(
            ipProtocol: note.ipProtocol("protocol"), source: note.value("source"),
            sourcePort: note.port("sourcePort"), destination: note.value("destination"),
            destinationPort: note.port("destinationPort"))
    }
}
