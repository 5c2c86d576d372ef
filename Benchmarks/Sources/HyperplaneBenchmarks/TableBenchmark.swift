// The flow table, full: what a flow costs to take in and to find, beside the floor of the memory.

import Tables
import Wire

enum TableBenchmark {
    static func run(_ options: Options, _ report: Report) {
        PortsBenchmark.run(report)
        let sizes = options.millions ?? (options.isFull ? [1, 10, 50, 100] : [1, 10])
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
struct TableTrial<Layout: NumberedLayout>: ~Copyable {
    let flows: Int
    static var lookups: Int { 1 << 21 }
    static var repeats: Int { 7 }

    consuming func run(_ name: String, _ report: Report) {
        var table = FlowTable<Layout>(capacityFlows: flows, chains: 4096, seed: 0x5EED)
        report.add(Row("table.memory.\(name)", unit: "B/flow", value: table.bytesPerFlow))
        let cold = nanosecondsEach(flows) { fill(&table) }
        report.add(Row("table.insert.cold.\(name)", unit: "ns", value: cold))
        let (expiry, warm) = emptyAndFill(&table)
        report.add(Row("table.sweep.expiring.\(name)", unit: "ns", expiry))
        report.add(Row("table.insert.warm.\(name)", unit: "ns", warm))
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
        for what in Measured.allCases where !what.isFloor {
            let row = Row("table.\(what.rawValue).\(name)", unit: "ns", Samples(samples[what]!))
            report.add(what.floor.map { row.beside("floor", Samples(samples[$0]!)) } ?? row)
        }
    }

    /// Nanoseconds a flow: to remove all by a sweep, and to take all in again.
    private func emptyAndFill(_ table: inout FlowTable<Layout>) -> (Samples, Samples) {
        var expiry: [Double] = []
        var warm: [Double] = []
        for _ in 0..<(flows > 20_000_000 ? 1 : 3) {
            expiry.append(
                nanosecondsEach(flows) {
                    for _ in 0..<(flows + 255) / 256 {
                        table.sweep(limit: 256) { _, _, _ in .remove }
                    }
                })
            precondition(table.count == 0)
            warm.append(nanosecondsEach(flows) { fill(&table) })
        }
        return (Samples(expiry), Samples(warm))
    }

    private func fill(_ table: inout FlowTable<Layout>) {
        for number in 0..<UInt64(flows) { insert(number, &table) }
    }

    @inline(__always)
    func insert(_ number: UInt64, _ table: inout FlowTable<Layout>) {
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
        case .sweep: sweep(&table, count)
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
    case sweep = "sweep.visiting"

    var floor: Measured? {
        switch self {
        case .floorBatched, .floorSingle, .sweep: nil
        case .lookupBatched, .updateBatched, .lookupMissed: .floorBatched
        case .lookupSingle, .replace: .floorSingle
        }
    }

    var isFloor: Bool { self == .floorBatched || self == .floorSingle }

    var isSlow: Bool { self == .lookupSingle || self == .floorSingle || self == .replace }
}
