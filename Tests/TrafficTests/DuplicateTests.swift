// Packets that come twice: known as duplicates, so that they make up for none that was lost.

import Configuration
import Testing
import Traffic
import Wire

/// Runs a plan through a cluster that loses some packets from it and delivers others twice.
private func run(
    _ profile: Profile, flows: Int = 300, loses: (Int) -> Bool, doubles: (Int) -> Bool
) throws -> RunReport {
    let topology = try Topology(.selftest(), selection: Selection())
    let plan = RunPlan(profile: profile, flows: flows, seconds: 1, seed: 3)
    var now = Tick.seconds(10)
    var engine = try TrafficEngine(plan, topology, start: now)
    var translator = PerfectTranslator(topology, capacity: flows)
    var pool = FramePool(count: 2048, frameBytes: 2048)
    var inboxes: [[Packet]] = Array(repeating: [], count: topology.endpoints.count)
    var index = 0
    // What is still on the way when the last flow ends is delivered too.
    var rounds = 3
    while rounds > 0, now < .seconds(100) {
        if engine.isDone { rounds -= 1 }
        _ = engine.tick(now, pool: &pool)
        for endpoint in topology.endpoints.indices {
            let packets = engine.outbox[endpoint]
            engine.clearOutbox(endpoint)
            translator.forward(packets, from: endpoint, pool: &pool, into: &inboxes)
        }
        for endpoint in topology.endpoints.indices {
            var arriving: [Packet] = []
            for packet in inboxes[endpoint] {
                index += 1
                if loses(index) {
                    pool.give(packet.frame)
                    continue
                }
                arriving.append(packet)
                if doubles(index), let copy = pool.copy(of: packet) { arriving.append(copy) }
            }
            inboxes[endpoint].removeAll()
            engine.handle(arriving, at: endpoint, now, pool: &pool)
        }
        now = now + 250_000
    }
    return engine.finish(now, command: "test", generatorOverflow: 0)
}

extension FramePool {
    fileprivate mutating func copy(of packet: Packet) -> Packet? {
        guard let frame = take() else { return nil }
        for offset in 0..<Int(packet.length) {
            let byte = bytes(of: packet).uint8(at: offset)
            var target = mutableBytes(
                frame, start: Int(packet.start), count: Int(packet.length))
            target.store(byte, at: offset)
        }
        var copy = packet
        copy.frame = frame
        return copy
    }
}

@Suite struct DuplicateTests {
    @Test(arguments: ["udp", "tcp", "mixed"])
    func `a packet that comes twice counts once, and as a duplicate`(name: String) throws {
        let profile = try #require(Profile.preset(name))
        let report = try run(profile, loses: { _ in false }, doubles: { $0 % 20 == 7 })
        #expect(report.packets.duplicated > 0)
        #expect(report.packets.sent == report.packets.received && report.packets.lost == 0)
        #expect(report.flows.completed == 300 && report.failures == [])
    }

    @Test(arguments: ["udp", "tcp"])
    func `duplicates hide no loss`(name: String) throws {
        let profile = try #require(Profile.preset(name))
        let report = try run(profile, loses: { $0 % 40 == 3 }, doubles: { $0 % 20 == 7 })
        #expect(report.packets.lost > 0 && report.packets.duplicated > 0)
        #expect(report.packets.lost == report.packets.sent - report.packets.received)
        // What was sent again for a loss counts as sent and as received.
        #expect(report.packets.repeated > 0 && report.flows.established == 300)
    }

    @Test(arguments: ["udp", "tcp"])
    func `what is sent again is no duplicate`(name: String) throws {
        let profile = try #require(Profile.preset(name))
        let report = try run(profile, loses: { $0 % 25 == 3 }, doubles: { _ in false })
        #expect(report.packets.repeated > 0 && report.packets.duplicated == 0)
    }
}
