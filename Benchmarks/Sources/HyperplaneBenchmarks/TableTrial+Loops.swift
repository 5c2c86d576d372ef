// The loops that the table's benchmark times.

import Tables
import Wire

extension TableTrial {
    /// Draws 32 keys, and takes them through the prefetching stages.
    @inline(__always)
    private func prepare(
        _ table: borrowing FlowTable<Layout>, _ random: inout SplitMix, from first: UInt64,
        _ keys: inout InlineArray<32, Layout.Key>, _ hashes: inout InlineArray<32, UInt64>
    ) {
        for item in 0..<32 {
            let number = first &+ random.below(UInt64(flows))
            let key = Layout.key(number, random.state &>> 40 & 1)
            keys[item] = key
            hashes[item] = table.hash(key)
            table.prefetchIndex(hashes[item])
        }
        for item in 0..<32 { table.prefetchRecord(hashes[item]) }
        for item in 0..<32 { table.prefetchStrayedRecord(hashes[item]) }
    }

    private static var noKeys: InlineArray<32, Layout.Key> {
        InlineArray(repeating: Layout.key(0, 0))
    }

    @inline(never)
    func lookUpBatched(
        _ table: borrowing FlowTable<Layout>, _ count: Int, seed: UInt64
    ) {
        var random = SplitMix(state: seed)
        var keys = Self.noKeys
        var hashes = InlineArray<32, UInt64>(repeating: 0)
        var found: UInt64 = 0
        for _ in 0..<count / 32 {
            prepare(table, &random, from: 0, &keys, &hashes)
            for item in 0..<32 {
                if let match = table.find(keys[item], hash: hashes[item]) {
                    found &+= UInt64(match.handle.rawValue & 0) &+ 1
                }
            }
        }
        precondition(found == UInt64(count), "a flow was not found")
    }

    @inline(never)
    func updateBatched(
        _ table: inout FlowTable<Layout>, _ count: Int, seed: UInt64
    ) {
        var random = SplitMix(state: seed)
        var keys = Self.noKeys
        var hashes = InlineArray<32, UInt64>(repeating: 0)
        for _ in 0..<count / 32 {
            prepare(table, &random, from: 0, &keys, &hashes)
            for item in 0..<32 {
                if let match = table.find(keys[item], hash: hashes[item]) {
                    Layout.count(&table[hot: match.handle])
                }
            }
        }
    }

    /// Keys of flows that never were.
    @inline(never)
    func missBatched(
        _ table: borrowing FlowTable<Layout>, _ count: Int, seed: UInt64
    ) {
        var random = SplitMix(state: seed)
        var keys = Self.noKeys
        var hashes = InlineArray<32, UInt64>(repeating: 0)
        var found: UInt64 = 0
        for _ in 0..<count / 32 {
            prepare(table, &random, from: 1 << 60, &keys, &hashes)
            for item in 0..<32 where table.find(keys[item], hash: hashes[item]) != nil {
                found &+= 1
            }
        }
        precondition(found == 0, "a flow was found that never was")
    }

    /// Each lookup waits for the one before.
    @inline(never)
    func lookUpSingle(
        _ table: borrowing FlowTable<Layout>, _ count: Int, seed: UInt64
    ) {
        var random = SplitMix(state: seed)
        var sum: UInt64 = 0
        for _ in 0..<count {
            let value = random.next() ^ (sum & 1) &<< 63
            let number = value.multipliedFullWidth(by: UInt64(flows)).high
            let key = Layout.key(number, random.state &>> 40 & 1)
            if let match = table.find(key) { sum &+= Layout.counted(table[hot: match.handle]) }
        }
        consume(sum)
    }

    /// One flow goes and another comes, in a full table; the flow that went comes back later.
    @inline(never)
    func replace(_ table: inout FlowTable<Layout>, _ count: Int, seed: UInt64) {
        var random = SplitMix(state: seed &+ 99)
        for _ in 0..<count {
            let number = random.below(UInt64(flows))
            guard let match = table.find(Layout.key(number, 0)) else {
                fatalError("flow \(number) is lost")
            }
            table.remove(match.handle)
            insert(number, &table)
        }
    }

    /// A pass over `count` slots that looks at the hot record of each and ends none.
    @inline(never)
    func sweep(_ table: inout FlowTable<Layout>, _ count: Int) {
        var sum: UInt64 = 0
        for _ in 0..<count / 256 {
            table.sweep(limit: 256) { _, hot, _ in
                sum &+= Layout.counted(hot)
                return .keep
            }
        }
        consume(sum)
    }
}
