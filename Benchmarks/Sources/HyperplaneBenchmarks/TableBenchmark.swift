// The flow table, full: what a flow costs to take in and to find, beside the floor of the memory.

import Tables
import Wire

enum TableBenchmark {
    static func run(isFull: Bool, _ report: Report) {
        let sizes = isFull ? [1, 10, 50, 100] : [1, 10]
        for millions in sizes { measure(IPv4Sized.self, millions, report) }
        for millions in sizes where millions <= 50 { measure(IPv6Sized.self, millions, report) }
    }

    private static func measure<Layout: NumberedLayout>(
        _ layout: Layout.Type, _ millions: Int, _ report: Report
    ) {
        let trial = TableTrial<Layout>(flows: millions * 1_000_000)
        trial.run("\(Layout.name).\(millions)M", report)
    }
}

/// One table at one size.
private struct TableTrial<Layout: NumberedLayout>: ~Copyable {
    let flows: Int
    static var lookups: Int { 1 << 21 }
    static var repeats: Int { 7 }

    consuming func run(_ name: String, _ report: Report) {
        var table = FlowTable<Layout>(capacityFlows: flows, chains: 4096, seed: 0x5EED)
        report.add(Row("table.memory.\(name)", unit: "B/flow", value: table.bytesPerFlow))
        let cold = nanosecondsEach(flows) { fill(&table) }
        report.add(Row("table.insert.cold.\(name)", unit: "ns", value: cold))
        let floor = MemoryFloor(
            table.memoryRegions, recordCount: flows,
            recordBytes: MemoryLayout<Layout.Hot>.stride)

        var samples: [Measured: [Double]] = [:]
        for round in 0..<UInt64(Self.repeats) {
            for what in Measured.allCases {
                let count = what.isSlow ? Self.lookups / 8 : Self.lookups
                let each = nanosecondsEach(count) {
                    measure(what, &table, floor, count, seed: round)
                }
                samples[what, default: []].append(each)
            }
        }
        for what in Measured.allCases where what.floor != nil {
            let row = Row("table.\(what.rawValue).\(name)", unit: "ns", Samples(samples[what]!))
            report.add(row.beside("floor", Samples(samples[what.floor!]!)))
        }
    }

    private func fill(_ table: inout FlowTable<Layout>) {
        for number in 0..<UInt64(flows) { insert(number, &table) }
    }

    @inline(__always)
    private func insert(_ number: UInt64, _ table: inout FlowTable<Layout>) {
        do throws(FlowInsertError) {
            let chain = Int(truncatingIfNeeded: number & 4095)
            _ = try table.insert(Layout.hot(number), Layout.cold, chain: chain)
        } catch {
            fatalError("\(error) at flow \(number)")
        }
    }

    private func measure(
        _ what: Measured, _ table: inout FlowTable<Layout>, _ floor: MemoryFloor, _ count: Int,
        seed: UInt64
    ) {
        switch what {
        case .floorBatched: floor.batched(count, seed: seed)
        case .floorSingle: floor.single(count, seed: seed)
        case .lookupBatched: lookUpBatched(table, count, seed: seed)
        case .updateBatched: updateBatched(&table, count, seed: seed)
        case .lookupMissed: missBatched(table, count, seed: seed)
        case .lookupSingle: lookUpSingle(table, count, seed: seed)
        case .replace: replace(&table, count, seed: seed)
        }
    }
}

/// What is measured in turn, each beside a floor.
private enum Measured: String, CaseIterable {
    case floorBatched
    case lookupBatched = "lookup.batched"
    case updateBatched = "lookup.update.batched"
    case lookupMissed = "lookup.missed.batched"
    case floorSingle
    case lookupSingle = "lookup.single"
    case replace

    var floor: Measured? {
        switch self {
        case .floorBatched, .floorSingle: nil
        case .lookupBatched, .updateBatched, .lookupMissed: .floorBatched
        case .lookupSingle, .replace: .floorSingle
        }
    }

    var isSlow: Bool { self == .lookupSingle || self == .floorSingle || self == .replace }
}

// MARK: The loops

extension TableTrial {
    /// Draws 32 keys, and takes them through the first two stages.
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
    }

    private static var noKeys: InlineArray<32, Layout.Key> {
        InlineArray(repeating: Layout.key(0, 0))
    }

    @inline(never)
    private func lookUpBatched(
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
    private func updateBatched(
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
    private func missBatched(
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
    private func lookUpSingle(
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
    private func replace(_ table: inout FlowTable<Layout>, _ count: Int, seed: UInt64) {
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
}
