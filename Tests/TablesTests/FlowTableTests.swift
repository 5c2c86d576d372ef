// The flow table beside a naive model, under a seeded driver, and at its limits.

import Tables
import Testing
import Wire

/// What a flow table is: a dictionary by key, and flows by handle.
private struct Model {
    struct Flow {
        var hot: TestLayout.Hot
        var cold: TestLayout.Cold
        var chain: Int
    }
    var flows: [FlowHandle: Flow] = [:]
    var keys: [TestLayout.Key: FlowMatch] = [:]
    var handles: [FlowHandle] = []

    func refusal(of hot: TestLayout.Hot, capacity: Int) -> FlowInsertError? {
        if flows.count == capacity { return .tableFull }
        if keys[hot.outbound] != nil { return .outboundKeyTaken }
        if hot.outbound == hot.inbound || keys[hot.inbound] != nil { return .inboundKeyTaken }
        return nil
    }

    mutating func insert(_ flow: Flow, at handle: FlowHandle) {
        flows[handle] = flow
        keys[flow.hot.outbound] = FlowMatch(handle: handle, direction: .outbound)
        keys[flow.hot.inbound] = FlowMatch(handle: handle, direction: .inbound)
        handles.append(handle)
    }

    mutating func remove(_ handle: FlowHandle) {
        let flow = flows.removeValue(forKey: handle)!
        keys[flow.hot.outbound] = nil
        keys[flow.hot.inbound] = nil
        handles.removeAll { $0 == handle }
    }
}

/// Runs table and model side by side; each step is one operation and its comparison.
private struct Driver: ~Copyable {
    var table: FlowTable<TestLayout>
    var model = Model()
    var random: SplitMix
    /// Keys are drawn from a space so small that clashes are common.
    let keySpace: Int
    let chains: Int

    init(capacity: Int, chains: Int, seed: UInt64) {
        table = FlowTable(capacityFlows: capacity, chains: chains, seed: seed &* 31)
        random = SplitMix(seed: seed)
        keySpace = capacity * 4
        self.chains = chains
    }

    mutating func key() -> TestLayout.Key { .init(high: UInt64(random.below(keySpace)), low: 7) }

    mutating func insert() {
        let hot = TestLayout.Hot(outbound: key(), inbound: key())
        let flow = Model.Flow(
            hot: hot, cold: .init(identity: random.next()), chain: random.below(chains))
        let expected = model.refusal(of: hot, capacity: table.capacityFlows)
        do {
            let handle = try table.insert(hot, flow.cold, chain: flow.chain)
            #expect(expected == nil)
            #expect(model.flows[handle] == nil, "a handle was given twice")
            model.insert(flow, at: handle)
        } catch {
            #expect(error == expected)
        }
    }

    mutating func remove() {
        guard !model.handles.isEmpty else { return }
        let handle = model.handles[random.below(model.handles.count)]
        table.remove(handle)
        model.remove(handle)
        let isLive = table.isLive(handle)
        #expect(!isLive)
    }

    mutating func lookUp() {
        let key = key()
        let match = table.find(key)
        let contained = table.contains(key)
        #expect(match == model.keys[key])
        #expect(contained == (match != nil))
    }

    mutating func write() {
        guard !model.handles.isEmpty else { return }
        let handle = model.handles[random.below(model.handles.count)]
        table[hot: handle].packets += 1
        model.flows[handle]!.hot.packets += 1
        table[cold: handle].words.2 = 5
        model.flows[handle]!.cold.words.2 = 5
    }

    mutating func walkChain() {
        let chain = random.below(chains)
        var seen: Set<FlowHandle> = []
        var removed: [FlowHandle] = []
        var random = random
        table.forEach(inChain: chain) { handle, hot, cold in
            #expect(seen.insert(handle).inserted)
            #expect(model.flows[handle]?.hot == hot && model.flows[handle]?.cold == cold)
            guard random.below(8) == 0 else { return .keep }
            removed.append(handle)
            return .remove
        }
        self.random = random
        #expect(seen == Set(model.flows.filter { $0.value.chain == chain }.keys))
        removed.forEach { model.remove($0) }
    }

    mutating func sweep() {
        var removed: [FlowHandle] = []
        var random = random
        let visited = table.sweep(limit: random.below(100)) { handle, hot, cold in
            #expect(model.flows[handle]?.hot == hot && model.flows[handle]?.cold == cold)
            guard random.below(8) == 0 else { return .keep }
            removed.append(handle)
            return .remove
        }
        self.random = random
        #expect(visited >= removed.count)
        removed.forEach { model.remove($0) }
    }

    /// One random operation. `growth` in a hundred are insertions.
    mutating func step(growth: Int) {
        switch random.below(100) {
        case ..<growth: insert()
        case ..<(growth + 15): remove()
        case ..<(growth + 35): lookUp()
        case ..<(growth + 45): write()
        case ..<(growth + 46): walkChain()
        case ..<(growth + 47): sweep()
        default: lookUp()
        }
        #expect(table.count == model.flows.count)
    }
}

@Suite struct FlowTableTests {
    @Test(arguments: [1, 2, 3, 10, 63, 64, 65, 100, 1_000, 5_000])
    func `it does what a dictionary does, for every capacity and at every fill`(capacity: Int) {
        var driver = Driver(capacity: capacity, chains: min(capacity, 16), seed: UInt64(capacity))
        let steps = 12_000
        for step in 0..<steps {
            // Fills up, empties, fills up again.
            driver.step(growth: step % (steps / 2) < steps / 3 ? 50 : 10)
            if step % (steps / 8) == 0 { driver.table.checkInvariants() }
        }
        driver.table.checkInvariants()
    }

    @Test(arguments: [1, 5, 16, 100, 1_000, 30_000])
    func `every flow within the stated capacity finds room, whatever the seed`(
        capacity: Int
    ) throws {
        for seed in 0..<UInt64(capacity < 1_000 ? 200 : 3) {
            var table = FlowTable<TestLayout>(capacityFlows: capacity, chains: 1, seed: seed)
            for number in 0..<UInt64(capacity) {
                _ = try table.insert(.init(number: number), .init(identity: number), chain: 0)
            }
            #expect(throws: FlowInsertError.tableFull) {
                try table.insert(.init(number: .max), .init(identity: 0), chain: 0)
            }
            for number in 0..<UInt64(capacity) {
                let match = table.find(.init(high: number, low: 2))
                let handle = try #require(match).handle
                #expect(table[cold: handle].identity == number)
            }
            if seed < 3 { table.checkInvariants() }
        }
    }

    @Test func `a full table serves on while its flows are replaced over and over`() throws {
        let capacity = 20_000
        var table = FlowTable<TestLayout>(capacityFlows: capacity, chains: 64, seed: 5)
        var random = SplitMix(seed: 6)
        var handles: [FlowHandle] = []
        for number in 0..<UInt64(capacity) {
            handles.append(
                try table.insert(.init(number: number), .init(identity: number), chain: 0))
        }
        for number in 0..<UInt64(10 * capacity) {
            let victim = random.below(capacity)
            table.remove(handles[victim])
            let fresh = UInt64(capacity) + number
            handles[victim] = try table.insert(
                .init(number: fresh), .init(identity: fresh), chain: Int(fresh % 64))
        }
        table.checkInvariants()
        #expect(table.count == capacity)
    }

    @Test func `the batched stages find what a single lookup finds`() throws {
        var table = FlowTable<TestLayout>(capacityFlows: 3_000, chains: 4, seed: 9)
        for number in 0..<UInt64(3_000) {
            _ = try table.insert(.init(number: number), .init(identity: number), chain: 1)
        }
        let keys = (0..<UInt64(4_000)).map { TestLayout.Key(high: $0, low: 1 + $0 % 2) }
        let hashes = keys.map { table.hash($0) }
        for hash in hashes { table.prefetchIndex(hash) }
        for hash in hashes { table.prefetchRecord(hash) }
        for (key, hash) in zip(keys, hashes) {
            let match = table.find(key, hash: hash)
            let single = table.find(key)
            #expect(match == single)
            #expect((match != nil) == (key.high < 3_000))
            #expect(match == nil || match?.direction == (key.low == 1 ? .outbound : .inbound))
        }
    }

    @Test func `a flow whose two keys are one is refused`() {
        var table = FlowTable<TestLayout>(capacityFlows: 4, chains: 1, seed: 1)
        let key = TestLayout.Key(high: 1, low: 1)
        #expect(throws: FlowInsertError.inboundKeyTaken) {
            try table.insert(.init(outbound: key, inbound: key), .init(identity: 0), chain: 0)
        }
        #expect(table.count == 0)
        table.checkInvariants()
    }

    @Test func `a key is taken in whichever direction it is there`() throws {
        var table = FlowTable<TestLayout>(capacityFlows: 4, chains: 1, seed: 1)
        let keys = (0..<4).map { TestLayout.Key(high: $0, low: 0) }
        _ = try table.insert(
            .init(outbound: keys[0], inbound: keys[1]), .init(identity: 0), chain: 0)
        #expect(throws: FlowInsertError.outboundKeyTaken) {
            try table.insert(
                .init(outbound: keys[1], inbound: keys[2]), .init(identity: 0), chain: 0)
        }
        #expect(throws: FlowInsertError.inboundKeyTaken) {
            try table.insert(
                .init(outbound: keys[2], inbound: keys[0]), .init(identity: 0), chain: 0)
        }
        let leftBehind = table.contains(keys[2])
        #expect(!leftBehind)
        table.checkInvariants()
    }

    @Test func `a hash that is no hash ends in a named refusal and an intact table`() throws {
        var table = FlowTable<CrowdedLayout>(
            capacityFlows: 1_000, chains: 1, seed: 0x1234_5678_9ABC_DEF0)
        // All keys share two lines of ten places, and a flow takes two.
        for number in 0..<UInt32(10) { _ = try table.insert(.init(number: number), 0, chain: 0) }
        #expect(throws: FlowInsertError.indexCrowded) {
            try table.insert(.init(number: 10), 0, chain: 0)
        }
        table.checkInvariants()
        let match = table.find(6)
        table.remove(try #require(match).handle)
        _ = try table.insert(.init(number: 11), 0, chain: 0)
        table.checkInvariants()
    }

    @Test func `an IPv4 flow takes at most 128 bytes, all in, and an IPv6 flow 224`() {
        enum Wide: FlowLayout {
            struct Hot: BitwiseCopyable { var words: InlineArray<16, UInt64> }
            typealias Key = UInt64
            typealias Cold = TestLayout.Cold
            static func key(of hot: Hot, direction: FlowDirection) -> UInt64 { hot.words[0] }
            static func hash(_ key: UInt64, seed: UInt64) -> UInt64 { key }
        }
        #expect(MemoryLayout<TestLayout.Hot>.stride == 64)
        #expect(MemoryLayout<TestLayout.Cold>.stride == 40)
        let narrow = FlowTable<TestLayout>(capacityFlows: 1_000_000, chains: 4096, seed: 1)
        #expect(narrow.bytesPerFlow <= 128)
        let wide = FlowTable<Wide>(capacityFlows: 1_000_000, chains: 4096, seed: 1)
        #expect(wide.bytesPerFlow <= 224)
    }

    @Test func `memory can be backed with pages ahead of use`() throws {
        var table = FlowTable<TestLayout>(capacityFlows: 50_000, chains: 1, seed: 1)
        _ = try table.insert(.init(number: 1), .init(identity: 1), chain: 0)
        for region in table.memoryRegions {
            for offset in stride(from: 0, to: region.byteCount, by: 1 << 20) {
                #expect(region.populate(from: offset, count: 1 << 20))
            }
            #expect(region.populate(from: region.byteCount, count: 1))
        }
        let contained = table.contains(.init(high: 1, low: 2))
        #expect(contained)
        table.checkInvariants()
    }
}
