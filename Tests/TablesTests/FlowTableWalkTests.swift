// Walks over one chain and the expiry sweep, while flows come and go between their steps.

import Tables
import Testing

extension FlowTable<TestLayout> {
    /// The flow that was made from `number`.
    fileprivate func flow(_ number: UInt64) throws -> FlowHandle {
        let match = find(.init(high: number, low: 1))
        return try #require(match).handle
    }

    fileprivate mutating func begin(_ chain: Int) throws -> ChainWalk {
        let walk = beginWalk(ofChain: chain)
        return try #require(walk)
    }
}

@Suite struct FlowTableWalkTests {
    /// `chains` chains filled in turn with flows numbered from zero.
    private static func table(flows: Int, chains: Int = 2) throws -> FlowTable<TestLayout> {
        var table = FlowTable<TestLayout>(capacityFlows: flows + 10, chains: chains, seed: 3)
        for number in 0..<UInt64(flows) {
            _ = try table.insert(
                .init(number: number), .init(identity: number), chain: Int(number) % chains)
        }
        return table
    }

    @Test func `a walk in steps visits what one pass visits`() throws {
        var table = try Self.table(flows: 200)
        var once: [FlowHandle] = []
        table.forEach(inChain: 1) { handle, _, _ in
            once.append(handle)
            return .keep
        }
        #expect(once.count == 100)
        let walk = try table.begin(1)
        var steps: [FlowHandle] = []
        var turns = 0
        var finished = false
        while !finished {
            finished = table.advance(walk, limit: 7) { handle, _, _ in
                steps.append(handle)
                return .keep
            }
            table.checkInvariants()
            turns += 1
        }
        #expect(steps == once)
        #expect(turns == (100 + 6) / 7)
    }

    @Test func `a walk survives the removal of the flow that it stands at`() throws {
        var table = try Self.table(flows: 10, chains: 1)
        let walk = try table.begin(0)
        var seen: [UInt64] = []
        let finishedEarly = table.advance(walk, limit: 3) { _, _, cold in
            seen.append(cold.identity)
            return .keep
        }
        #expect(!finishedEarly)
        // Newest first: 9, 8, 7 are done, and the walk stands at 6.
        for number in [UInt64(5), 6, 9] {
            table.remove(try table.flow(number))
            table.checkInvariants()
        }
        _ = try table.insert(.init(number: 100), .init(identity: 100), chain: 0)
        let finished = table.advance(walk, limit: 100) { _, _, cold in
            seen.append(cold.identity)
            return .remove
        }
        #expect(finished)
        #expect(seen == [9, 8, 7, 4, 3, 2, 1, 0])
        #expect(table.count == 3)
        table.checkInvariants()
    }

    @Test func `walks are limited in number and may be abandoned`() throws {
        var table = try Self.table(flows: 10, chains: 1)
        var walks: [ChainWalk] = []
        while let walk = table.beginWalk(ofChain: 0) { walks.append(walk) }
        #expect(walks.count == FlowTable<TestLayout>.walkCapacity)
        table.checkInvariants()
        for walk in walks { table.abandon(walk) }
        table.checkInvariants()
        _ = try table.begin(0)
    }

    @Test func `a walk of an empty chain is over at once`() throws {
        var table = FlowTable<TestLayout>(capacityFlows: 4, chains: 3, seed: 3)
        let walk = try table.begin(2)
        let finished = table.advance(walk, limit: 1) { _, _, _ in .keep }
        #expect(finished)
    }

    @Test func `walks and removals at random leave every survivor visited once`() throws {
        var random = SplitMix(seed: 77)
        for _ in 0..<20 {
            var table = try Self.table(flows: 200, chains: 1)
            var open: [(walk: ChainWalk, seen: Set<UInt64>)] = []
            for _ in 0..<3 { open.append((try table.begin(0), [])) }
            var removed: Set<UInt64> = []
            while !open.isEmpty {
                let chosen = random.below(open.count)
                let finished = table.advance(open[chosen].walk, limit: random.below(9)) {
                    #expect(open[chosen].seen.insert($2.identity).inserted)
                    return .keep
                }
                if finished {
                    let expected = Set(0..<UInt64(200)).subtracting(removed)
                    #expect(open[chosen].seen.isSuperset(of: expected))
                    open.remove(at: chosen)
                }
                let victim = UInt64(random.below(200))
                if let match = table.find(.init(high: victim, low: 1)) {
                    table.remove(match.handle)
                    removed.insert(victim)
                }
            }
            table.checkInvariants()
        }
    }

    @Test(arguments: [1, 7, 63, 64, 65, 500])
    func `a sweep charges for every slot and visits each live one once a round`(limit: Int) throws {
        var table = try Self.table(flows: 490)
        for number in stride(from: UInt64(0), to: 490, by: 3) {
            table.remove(try table.flow(number))
        }
        var visits: [UInt64: Int] = [:]
        // As many slots as make up exactly three rounds.
        var left = 3 * table.capacityFlows
        while left > 0 {
            let slots = min(limit, left)
            let visited = table.sweep(limit: slots) { _, _, cold in
                visits[cold.identity, default: 0] += 1
                return .keep
            }
            #expect(visited <= slots)
            left -= slots
        }
        #expect(visits.count == table.count)
        #expect(visits.values.allSatisfy { $0 == 3 })
    }

    @Test func `a sweep removes and changes flows in place`() throws {
        var table = try Self.table(flows: 300)
        table.sweep(limit: 1_000) { _, hot, cold in
            hot.lastSeen = cold.identity
            return cold.identity.isMultiple(of: 2) ? .remove : .keep
        }
        #expect(table.count == 150)
        let lastSeen = table[hot: try table.flow(7)].lastSeen
        #expect(lastSeen == 7)
        table.checkInvariants()
        table.sweep(limit: 1_000) { _, _, _ in .remove }
        #expect(table.count == 0)
        table.checkInvariants()
    }

    @Test func `a handle of a free slot or out of range traps`() async {
        await #expect(processExitsWith: .failure) {
            let table = FlowTable<TestLayout>(capacityFlows: 4, chains: 1, seed: 3)
            _ = table[hot: FlowHandle(rawValue: 1)].packets
        }
        await #expect(processExitsWith: .failure) {
            let table = FlowTable<TestLayout>(capacityFlows: 4, chains: 1, seed: 3)
            _ = table[cold: FlowHandle(rawValue: .max)].identity
        }
        await #expect(processExitsWith: .failure) {
            var table = FlowTable<TestLayout>(capacityFlows: 4, chains: 1, seed: 3)
            let handle = try table.insert(.init(number: 1), .init(identity: 1), chain: 0)
            table.remove(handle)
            table.remove(handle)
        }
    }
}
