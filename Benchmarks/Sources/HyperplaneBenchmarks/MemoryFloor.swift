// The floor of a lookup: as many random accesses on the same memory, the record's depending on the
// index's, prefetched in batches in the same way, and nothing else. A record of 128 bytes takes two.

import CIntrinsics
import Tables

/// A table's memory without the table: lines of the index, then hot records. Numbers are reduced to
/// the lines and records that there are.
@safe
struct MemoryFloor {
    private let index: UnsafeRawPointer
    private let lineCount: UInt64
    private let records: UnsafeRawPointer
    private let recordCount: UInt64
    private let recordBytes: Int

    /// `regions` of a table that stays alive.
    init(_ regions: [MemoryRegion], recordCount: Int, recordBytes: Int) {
        unsafe index = regions[0].bytes.baseAddress!
        lineCount = UInt64(regions[0].byteCount / 64)
        unsafe records = regions[1].bytes.baseAddress!
        self.recordCount = UInt64(recordCount)
        self.recordBytes = recordBytes
    }

    @inline(__always)
    private func line(_ random: UInt64) -> UnsafeRawPointer {
        unsafe index + Int(random.multipliedFullWidth(by: lineCount).high) &* 64
    }

    /// A record that nobody knows before `line` has arrived.
    @inline(__always)
    private func record(_ random: UInt64, _ line: UnsafeRawPointer) -> UnsafeRawPointer {
        let entry = unsafe line.load(fromByteOffset: 20, as: UInt32.self)
        let mixed = (random ^ UInt64(entry)) &* 0x9E37_79B9_7F4A_7C15
        let number = Int(mixed.multipliedFullWidth(by: recordCount).high)
        return unsafe records + number &* recordBytes
    }

    @inline(__always)
    private func read(_ record: UnsafeRawPointer) -> UInt64 {
        let first = unsafe record.load(as: UInt64.self)
        guard recordBytes > 64 else { return first }
        return unsafe first &+ record.load(fromByteOffset: recordBytes - 8, as: UInt64.self)
    }

    @inline(never)
    func batched(_ count: Int, seed: UInt64) {
        var random = SplitMix(state: seed)
        var sum: UInt64 = 0
        var randoms = InlineArray<32, UInt64>(repeating: 0)
        for _ in 0..<count / 32 {
            for item in 0..<32 {
                randoms[item] = random.next()
                unsafe hp_prefetch(line(randoms[item]))
            }
            for item in 0..<32 {
                let wanted = unsafe record(randoms[item], line(randoms[item]))
                unsafe hp_prefetch_for_write(wanted)
                if recordBytes > 64 { unsafe hp_prefetch_for_write(wanted + 64) }
            }
            for item in 0..<32 {
                let found = unsafe record(randoms[item], line(randoms[item]))
                sum &+= unsafe read(found)
            }
        }
        consume(sum)
    }

    /// Each access waits for the one before.
    @inline(never)
    func single(_ count: Int, seed: UInt64) {
        var random = SplitMix(state: seed)
        var sum: UInt64 = 0
        for _ in 0..<count {
            let value = random.next() ^ (sum & 1) &<< 63
            let found = unsafe record(value, line(value))
            sum &+= unsafe read(found)
        }
        consume(sum)
    }
}
