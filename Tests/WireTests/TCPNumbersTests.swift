import Testing
import Wire

/// What a summary tells of TCP's windows.
struct TCPNumbersTests {
    /// The numbers of a segment with these options, by way of a whole IPv4 packet.
    private func numbers(_ flags: TCPFlags, options: [UInt8] = []) throws -> TCPNumbers {
        let transportBytes = TCPHeader.minimumByteCount + options.count
        var header = TCPHeader(sourcePort: Port(1), destinationPort: Port(2), flags: flags)
        header.sequenceNumber = 0xFFFF_FFF0
        header.acknowledgmentNumber = 0xFFFF_FF00
        header.window = 501
        header.headerBytes = UInt8(transportBytes)
        let value = header
        let outer = written(20) { span in
            IPv4Header(
                ipProtocol: .tcp, source: IPv4Address(10, 0, 0, 1),
                destination: IPv4Address(10, 0, 0, 2), payloadBytes: transportBytes
            ).write(to: &span)
        }
        let bytes = outer + written(20) { value.write(to: &$0) } + options
        return try PacketSummary.parse(bytes.rawSpan).tcp
    }

    @Test func `sequence, acknowledgment and window stand as in the header`() throws {
        let numbers = try numbers(.ack)
        #expect(numbers.sequence == 0xFFFF_FFF0)
        #expect(numbers.acknowledgment == 0xFFFF_FF00)
        #expect(numbers.acknowledgedEdge == 0xFFFF_FF00)
        #expect(numbers.window == 501)
        #expect(numbers.windowScale == nil)
    }

    // RFC 7323 §2.2, §2.3: only SYNs scale, by 14 at most.
    @Test func `a window scale is read from a SYN only`() throws {
        for (shift, expected) in [(0, 0), (7, 7), (14, 14), (15, 14), (255, 14)] as [(UInt8, UInt8)]
        {
            let options: [UInt8] = [1, 3, 3, shift]
            #expect(try numbers(.syn, options: options).windowScale == expected)
            #expect(try numbers([.syn, .ack], options: options).windowScale == expected)
            #expect(try numbers(.ack, options: options).windowScale == nil)
        }
        #expect(try numbers(.syn, options: [2, 4, 5, 180]).windowScale == nil)
        #expect(try numbers(.syn, options: [3, 4, 5, 180]).windowScale == nil, "wrong length")
        #expect(try numbers(.syn, options: [0, 3, 3, 7]).windowScale == nil, "behind the end")
    }

    // RFC 2018 §3: blocks lie beyond the acknowledgment, here beyond the wrap too.
    @Test func `the farthest SACK edge is found wherever it stands`() throws {
        let timestamps: [UInt8] = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]
        #expect(try numbers(.ack, options: timestamps).acknowledgedEdge == 0xFFFF_FF00)
        let near: [UInt8] = [0xFF, 0xFF, 0xFF, 0x10, 0xFF, 0xFF, 0xFF, 0x20]
        let far: [UInt8] = [0, 0, 0, 0x10, 0, 0, 0, 0x20]
        for blocks in [near + far, far + near] {
            let options = timestamps + [1, 1, 5, 18] + blocks
            #expect(try numbers(.ack, options: options).acknowledgedEdge == 0x20)
        }
        #expect(
            try numbers(.ack, options: [1, 1, 5, 10] + near).acknowledgedEdge == 0xFFFF_FF20)
    }

    // RFC 2883 §4: a duplicate's block lies below the acknowledgment.
    @Test func `a block below the acknowledgment raises nothing`() throws {
        let options: [UInt8] = [1, 1, 5, 10, 0xFF, 0xFF, 0xFE, 0, 0xFF, 0xFF, 0xFE, 0x80]
        #expect(try numbers(.ack, options: options).acknowledgedEdge == 0xFFFF_FF00)
    }

    @Test func `options of impossible length are read as far as they go`() throws {
        for options in [[3, 3, 5, 5, 254, 0, 0, 0], [3, 3, 5, 5, 1, 0, 0, 0]] as [[UInt8]] {
            #expect(try numbers(.syn, options: options).windowScale == 5)
        }
        #expect(try numbers(.ack, options: [5, 3, 1, 1]).acknowledgedEdge == 0xFFFF_FF00)
    }
}
