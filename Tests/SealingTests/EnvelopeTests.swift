// Envelopes: what is put in comes out, their length says nothing, and damage is named.

import Testing
import Wire

@testable import Sealing

struct EnvelopeTests {
    private static func payload(_ count: Int) -> [UInt8] {
        var numbers = SeededNumbers(seed: 11)
        return (0..<count).map { $0 % 7 == 0 ? UInt8(truncatingIfNeeded: numbers.next()) : 4 }
    }

    @Test(arguments: [0, 1, 100, 60_000, 100_000, 3_000_000])
    func `what is put in comes out`(count: Int) throws {
        let payload = Self.payload(count)
        let envelope = try #require(Envelope.seal(payload, leastClass: .smallest))
        #expect(SizeClass(holding: envelope.count)?.byteCount == envelope.count)
        #expect(try Envelope.open(envelope) == payload)
    }

    @Test func `the length is the stated class's, however much is in it`() throws {
        let stated = try #require(SizeClass(holding: 1 << 20))
        for count in [0, 1, 1000, 100_000, 1_000_000] {
            #expect(Envelope.seal(Self.payload(count), leastClass: stated)?.count == 1 << 20)
        }
    }

    @Test func `what outgrows the stated class goes up by one class, not by a byte`() throws {
        var numbers = SeededNumbers(seed: 3)
        let random = (0..<70_000).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
        let envelope = try #require(Envelope.seal(random, leastClass: .smallest))
        #expect(envelope.count == 256 << 10)
        #expect(try Envelope.open(envelope) == random)
    }

    @Test func `the classes are powers of four from 64 KiB to 256 MiB`() {
        #expect(
            SizeClass.allCases.map { $0.byteCount >> 10 } == [
                64, 256, 1024, 4096, 16384, 65536, 262_144,
            ])
        #expect(SizeClass(holding: SizeClass.largest.byteCount + 1) == nil)
    }

    @Test func `one changed bit in header, block or padding is refused`() throws {
        let envelope = try #require(Envelope.seal(Self.payload(300), leastClass: .smallest))
        let blockEnd = 40 + Int(envelope.rawSpan.bigEndianUInt64(at: 24))
        for byte in Array(0..<blockEnd) + [blockEnd, 40_000, envelope.count - 1] {
            for bit in [0, 3, 7] as [UInt8] {
                var damaged = envelope
                damaged[byte] ^= 1 << bit
                #expect(throws: EnvelopeError.self, "byte \(byte)") {
                    try Envelope.open(damaged)
                }
            }
        }
    }

    @Test func `a torn envelope is named as torn, wherever it tore`() throws {
        let envelope = try #require(Envelope.seal(Self.payload(300), leastClass: .smallest))
        for count in [0, 1, 39, 40, 200, envelope.count - 1] {
            #expect(throws: EnvelopeError.torn) { try Envelope.open(Array(envelope[..<count])) }
        }
        #expect(throws: EnvelopeError.corrupt) { try Envelope.open(envelope + [0]) }
    }

    @Test func `a newer format and a foreign file are named`() throws {
        var envelope = try #require(Envelope.seal([1], leastClass: .smallest))
        envelope[5] = 2
        #expect(throws: EnvelopeError.newerFormat(2)) { try Envelope.open(envelope) }
        #expect(throws: EnvelopeError.badMagic) {
            try Envelope.open([UInt8](repeating: 0x20, count: 100))
        }
    }

    @Test func `a stated length beyond the largest class is refused before it is believed`() throws
    {
        var envelope = try #require(Envelope.seal([1], leastClass: .smallest))
        var span = envelope.mutableRawSpan
        span.store(bigEndian: UInt64.max, at: 8)
        #expect(throws: EnvelopeError.tooLong(statedBytes: .max)) { try Envelope.open(envelope) }
    }

    @Test func `lengths that contradict each other are refused, also behind a right checksum`()
        throws
    {
        let envelope = try #require(Envelope.seal(Self.payload(300), leastClass: .smallest))
        for (offset, value) in [
            (16, 301), (16, 299), (16, UInt64(1) << 40), (16, .max), (24, 0), (24, .max),
            (24, 65536), (8, 0), (8, 39),
        ] as [(Int, UInt64)] {
            var forged = envelope
            var span = forged.mutableRawSpan
            span.store(bigEndian: value, at: offset)
            let blockBytes = min(span.bigEndianUInt64(at: 24), 60_000)
            let sum = Envelope.checksum(span.bytes, blockBytes: Int(blockBytes))
            span.store(bigEndian: sum, at: 32)
            #expect(throws: EnvelopeError.self, "\(value) at \(offset)") {
                try Envelope.open(forged)
            }
        }
    }
}
