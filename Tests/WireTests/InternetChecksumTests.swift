import Testing
import Wire

/// The checksum against a naive model, and by difference against itself in full.
struct InternetChecksumTests {
    /// RFC 1071 §1, word by word.
    func model(_ bytes: [UInt8]) -> UInt16 {
        var sum = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sum += Int(bytes[index]) << 8 | (index + 1 < bytes.count ? Int(bytes[index + 1]) : 0)
            sum = (sum & 0xFFFF) + (sum >> 16)
        }
        return ~UInt16(sum)
    }

    // RFC 1071 §3.
    @Test func `the example of RFC 1071 gives its sum`() {
        let bytes = hex("0001 f203 f4f5 f6f7")
        #expect(InternetChecksum.folded(InternetChecksum.sum(bytes.rawSpan)) == 0xDDF2)
    }

    @Test func `any bytes of any length give the model's checksum`() {
        var numbers = SeededNumbers(seed: 1)
        for count in [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 20, 40, 1499, 1500, 65535] {
            for fill in [UInt8?.none, 0, 0xFF] {
                let bytes = (0..<count).map { _ in
                    fill ?? UInt8.random(in: 0...255, using: &numbers)
                }
                #expect(InternetChecksum.checksum(bytes.rawSpan) == model(bytes))
            }
        }
    }

    // RFC 1071 §2.
    @Test func `sums of parts chain, whatever the part before gave`() {
        var numbers = SeededNumbers(seed: 2)
        let bytes = (0..<301).map { _ in UInt8.random(in: 0...255, using: &numbers) }
        for cut in stride(from: 0, through: 300, by: 2) {
            let head = InternetChecksum.sum(Array(bytes[..<cut]).rawSpan)
            let both = InternetChecksum.sum(Array(bytes[cut...]).rawSpan, initial: head)
            #expect(InternetChecksum.fold(both) == model(bytes))
        }
        let full = InternetChecksum.sum(hex("0002").rawSpan, initial: .max)
        #expect(InternetChecksum.folded(full) == 2)
    }

    // RFC 1624 §3: equation 3, also with words of all zeros and all ones.
    @Test func `by difference equals in full over a million random headers`() {
        var numbers = SeededNumbers(seed: 3)
        var header = [UInt16](repeating: 0, count: 10)
        var unequal = 0
        for _ in 0..<1_000_000 {
            for index in header.indices { header[index] = word(&numbers) }
            header[0] = 0x4500
            let changed = Int.random(in: 1..<10, using: &numbers)
            let new = word(&numbers)
            let updated = InternetChecksum.updated(full(header), from: header[changed], to: new)
            header[changed] = new
            if updated != full(header) { unequal += 1 }
        }
        #expect(unequal == 0)
    }

    @Test func `an adjustment of many words equals in full over random headers`() {
        var numbers = SeededNumbers(seed: 4)
        var header = [UInt16](repeating: 0, count: 12)
        var unequal = 0
        for _ in 0..<200_000 {
            for index in header.indices { header[index] = word(&numbers) }
            header[0] = 17
            var adjustment = ChecksumAdjustment()
            let checksum = full(header)
            let old = UInt32(header[4]) << 16 | UInt32(header[5])
            header[4] = word(&numbers)
            header[5] = word(&numbers)
            let new = UInt32(header[4]) << 16 | UInt32(header[5])
            adjustment.replace(old, with: new)
            let port = word(&numbers)
            adjustment.replace(header[7], with: port)
            header[7] = port
            if adjustment.applied(to: checksum) != full(header) { unequal += 1 }
        }
        #expect(unequal == 0)
    }

    @Test func `a 32-bit update equals two 16-bit updates`() {
        let whole = InternetChecksum.updated(
            0x1234, from: 0x0A00_0001 as UInt32, to: 0xCB00_7101 as UInt32)
        let high = InternetChecksum.updated(0x1234, from: 0x0A00 as UInt16, to: 0xCB00 as UInt16)
        #expect(
            whole == InternetChecksum.updated(high, from: 0x0001 as UInt16, to: 0x7101 as UInt16))
    }

    // RFC 768: 0 means none.
    @Test func `UDP's 0 stays, and a sum that comes to 0 is sent as all ones`() {
        var adjustment = ChecksumAdjustment()
        adjustment.replace(0x0000 as UInt16, with: 0x1234)
        #expect(adjustment.appliedToUDP(0) == 0)
        #expect(adjustment.applied(to: 0x1234) == 0)
        #expect(adjustment.appliedToUDP(0x1234) == 0xFFFF)
        #expect(InternetChecksum.foldUDP(0xFFFF) == 0xFFFF)
        #expect(InternetChecksum.foldUDP(0) == 0xFFFF)
    }

    /// A random word; every fourth is all zeros or all ones.
    private func word(_ numbers: inout SeededNumbers) -> UInt16 {
        let random = numbers.next()
        switch random >> 60 {
        case 0, 1: return 0
        case 2, 3: return 0xFFFF
        default: return UInt16(truncatingIfNeeded: random >> 20)
        }
    }

    private func full(_ words: [UInt16]) -> UInt16 {
        InternetChecksum.fold(words.reduce(0) { $0 + UInt32($1) })
    }
}
