// LZ4 blocks: what goes in comes out, and no stated length is believed.

import Testing
import Wire

@testable import Sealing

struct LZ4BlockTests {
    private static func sample(_ count: Int, random: Bool) -> [UInt8] {
        var numbers = SeededNumbers(seed: UInt64(count) + 1)
        return (0..<count).map {
            random ? UInt8(truncatingIfNeeded: numbers.next()) : UInt8($0 % 251 / 50)
        }
    }

    @Test(arguments: [0, 1, 12, 13, 64, 255, 4096, 65536, 1_000_003], [true, false])
    func `what is compressed is decompressed to the same`(count: Int, random: Bool) throws {
        let bytes = Self.sample(count, random: random)
        let block = LZ4Block.compress(bytes)
        #expect(block.count <= LZ4Block.worstCaseBytes(of: count))
        #expect(random || count < 64 || block.count < count / 4)
        #expect(
            try LZ4Block.decompress(block, statedBytes: count, boundBytes: count) == bytes)
    }

    @Test func `a stated length above the bound is refused before anything is reserved`() {
        let block = LZ4Block.compress(Self.sample(100, random: false))
        #expect(throws: LZ4Error.aboveBound(statedBytes: 101, boundBytes: 100)) {
            try LZ4Block.decompress(block, statedBytes: 101, boundBytes: 100)
        }
        #expect(throws: LZ4Error.aboveBound(statedBytes: .max, boundBytes: .max)) {
            try LZ4Block.decompress(block, statedBytes: .max, boundBytes: .max)
        }
    }

    @Test func `a length that no such block can have is refused before anything is reserved`() {
        #expect(throws: LZ4Error.impossibleLength(statedBytes: 1 << 28, blockBytes: 3)) {
            try LZ4Block.decompress([1, 2, 3], statedBytes: 1 << 28, boundBytes: 1 << 28)
        }
        #expect(throws: LZ4Error.impossibleLength(statedBytes: -1, blockBytes: 3)) {
            try LZ4Block.decompress([1, 2, 3], statedBytes: -1, boundBytes: 100)
        }
    }

    @Test func `the most that a block expands to is within what is tried`() throws {
        for count in [1, 64, 1 << 12, 1 << 20, 1 << 24] {
            let zeros = [UInt8](repeating: 0, count: count)
            let block = LZ4Block.compress(zeros)
            #expect(
                try LZ4Block.decompress(block, statedBytes: count, boundBytes: 1 << 24) == zeros)
        }
    }

    @Test func `another length than stated is refused`() {
        let block = LZ4Block.compress(Self.sample(1000, random: false))
        #expect(throws: LZ4Error.otherLength(statedBytes: 1001, foundBytes: 1000)) {
            try LZ4Block.decompress(block, statedBytes: 1001, boundBytes: 4000)
        }
        #expect(throws: LZ4Error.damaged) {
            try LZ4Block.decompress(block, statedBytes: 999, boundBytes: 4000)
        }
        #expect(throws: LZ4Error.damaged) {
            try LZ4Block.decompress([], statedBytes: 0, boundBytes: 10)
        }
    }

    @Test func `damaged blocks throw or give other bytes, and never more than stated`() {
        let bytes = Self.sample(2000, random: false)
        let block = LZ4Block.compress(bytes)
        var numbers = SeededNumbers(seed: 7)
        for _ in 0..<5000 {
            var damaged = block
            damaged[Int(numbers.next() % UInt64(block.count))] ^= UInt8(1 + numbers.next() % 255)
            damaged.removeLast(Int(numbers.next() % 3))
            let result = try? LZ4Block.decompress(
                damaged, statedBytes: 2000, boundBytes: 2000)
            #expect(result == nil || result?.count == 2000)
        }
    }

    @Test func `a block that doesn't fit is not written`() {
        let bytes = Self.sample(500, random: true)
        var small = [UInt8](repeating: 0, count: 400)
        var span = small.mutableRawSpan
        #expect(LZ4Block.compress(bytes.rawSpan, into: &span) == nil)
    }
}
