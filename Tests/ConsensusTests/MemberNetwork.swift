// Members in a network in memory, on virtual time: ordered streams that stand still while a link is
// cut and end with a start of either side, nodes that stop, stand still and begin anew, engines that
// keep numbers for records. A seed decides every delay. After each step the rules are checked.

import Wire

@testable import Consensus

/// A node: its disk stays, the rest begins anew with every start.
final class FakeNode {
    let id: NodeID
    var starts: UInt64 = 0
    var isUp = false
    var isPaused = false
    var disk: [GroupRecord] = []
    var member: Member
    var engines: [FakeEngine] = []
    /// What came while it stood still.
    var inbox: [FakeEvent] = []

    init(_ id: NodeID, settings: MemberSettings) {
        self.id = id
        member = Member(
            node: id, incarnation: Incarnation(counter: 1, random: 1), engineCount: 1,
            settings: settings, recorded: [])
    }

    var incarnation: Incarnation { Incarnation(counter: starts, random: id.rawValue) }
}

enum FakeEvent {
    case tick(node: Int, start: UInt64)
    case greet(Int, Int)
    case opened(at: Int, peer: Int, start: UInt64, peerStart: UInt64)
    case deliver(from: Int, to: Int, start: UInt64, peerStart: UInt64)
    case recorded(node: Int, start: UInt64, GroupRecord)
    case report(node: Int, start: UInt64, engine: Int, EngineReport)

    var node: Int {
        switch self {
        case .tick(let node, _), .greet(let node, _), .opened(let node, _, _, _),
            .deliver(_, let node, _, _), .recorded(let node, _, _), .report(let node, _, _, _):
            node
        }
    }
}

extension FakeEvent {
    var isTick: Bool { if case .tick = self { true } else { false } }
}

/// One direction between two nodes.
struct FakeLink {
    var isCut = false
    /// By which starts of sender and receiver the stream is open.
    var open: (UInt64, UInt64)?
    var queue: [MemberMessage] = []
    var lastAt: UInt64 = 0
}

final class MemberNetwork {
    let settings: MemberSettings
    let engineCount: Int
    var random: SplitMix
    var now = Tick.seconds(1)
    var nodes: [FakeNode]
    var links: [[FakeLink]]
    var plans: [GroupPlan]
    var heap: [(at: UInt64, order: UInt64, event: FakeEvent)] = []
    var order: UInt64 = 0
    /// Messages that a link holds before the next is lost.
    var window = 400
    var checker = MemberChecker()
    var nextEntry = 0
    /// Streams begin within this time after a start.
    var greetNanoseconds: UInt64 = 3_000_000
    /// One of a hundred messages comes later, by up to so much.
    var lateNanoseconds: UInt64 = 0
    /// Sees every order and every message.
    var onOrder: (_ node: Int, _ order: EngineOrder) -> Void = { _, _ in }
    var onMessage: (_ from: Int, _ to: NodeID, _ message: MemberMessage) -> Void = { _, _, _ in }

    init(nodes count: Int, seed: UInt64, engines: Int = 1, buckets: Int = 6, groups: Int = 1) {
        let settings = MemberSettings(bucketCount: buckets)
        self.settings = settings
        engineCount = engines
        random = SplitMix(seed: seed)
        nodes = (1...count).map { FakeNode(NodeID(rawValue: UInt64($0)), settings: settings) }
        links = Array(repeating: Array(repeating: FakeLink(), count: count), count: count)
        plans = []
        let members = nodes.map(\.id)
        for group in 0..<groups {
            let turned = members.indices.map { members[($0 + group) % count] }
            plans.append(
                GroupPlan(
                    id: UInt64(100 + group), configuration: 1, members: turned,
                    preferredLeaders: (0..<buckets).map { UInt8($0 % count) }))
        }
    }

    // MARK: Time

    func schedule(_ event: FakeEvent, after nanoseconds: UInt64) {
        order += 1
        let entry = (at: now.rawValue + nanoseconds, order: order, event: event)
        let place = heap.lastIndex { ($0.at, $0.order) > (entry.at, entry.order) }
        heap.insert(entry, at: place.map { $0 + 1 } ?? 0)
    }

    /// Runs for so many milliseconds.
    func run(milliseconds: UInt64) {
        let end = now + milliseconds * 1_000_000
        while let next = heap.last, next.at <= end.rawValue {
            heap.removeLast()
            now = Tick(rawValue: max(now.rawValue, next.at))
            perform(next.event)
        }
        now = end
    }

    /// Runs until it holds, at most so long. Whether it did.
    func run(atMost milliseconds: UInt64, until holds: () -> Bool) -> Bool {
        for _ in 0..<milliseconds {
            if holds() { return true }
            run(milliseconds: 1)
        }
        return holds()
    }

    private func perform(_ event: FakeEvent) {
        let node = nodes[event.node]
        guard node.isUp else { return }
        if node.isPaused {
            node.inbox.append(event)
            return
        }
        switch event {
        case .tick(let index, let start):
            guard start == node.starts else { return }
            node.member.tick(now)
            schedule(event, after: 2_000_000 + random.next() % 3_000_000)
            finish(index)
        case .greet(let one, let other): greet(one, other)
        case .opened(let index, let peer, let start, let peerStart):
            guard start == node.starts else { return }
            node.member.peerOpened(
                nodes[peer].id, Incarnation(counter: peerStart, random: nodes[peer].id.rawValue),
                at: now)
            finish(index)
        case .deliver(let from, let to, let start, let peerStart):
            deliver(from, to, start, peerStart)
        case .recorded(let index, let start, let record):
            guard start == node.starts else { return }
            node.disk.removeAll { $0.group == record.group }
            node.disk.append(record)
            node.member.recorded(record)
            finish(index)
        case .report(let index, let start, let engine, let report):
            guard start == node.starts else { return }
            node.member.handle(report, from: engine, at: now)
            finish(index)
        }
    }

    // MARK: Streams

    private func greet(_ one: Int, _ other: Int) {
        guard nodes[one].isUp, nodes[other].isUp else { return }
        let starts = (nodes[one].starts, nodes[other].starts)
        if links[one][other].open.map({ $0 == starts }) ?? false { return }
        guard !links[one][other].isCut, !links[other][one].isCut, !nodes[other].isPaused,
            !nodes[one].isPaused
        else { return schedule(.greet(one, other), after: 5_000_000) }
        links[one][other].open = starts
        links[other][one].open = (starts.1, starts.0)
        links[one][other].queue = []
        links[other][one].queue = []
        schedule(
            .opened(at: one, peer: other, start: starts.0, peerStart: starts.1), after: 1)
        schedule(
            .opened(at: other, peer: one, start: starts.1, peerStart: starts.0), after: 1)
    }

    private func send(_ message: MemberMessage, from: Int, to: Int) {
        let link = links[from][to]
        guard let open = link.open, open == (nodes[from].starts, nodes[to].starts) else { return }
        guard link.queue.count < window else { return nodes[from].member.lost(to: nodes[to].id) }
        links[from][to].queue.append(throughWire(message))
        var delay = 50_000 + random.next() % 400_000
        if lateNanoseconds > 0, random.chance(1) { delay += random.next() % lateNanoseconds }
        let at = max(link.lastAt, now.rawValue + delay)
        links[from][to].lastAt = at
        schedule(
            .deliver(from: from, to: to, start: open.0, peerStart: open.1),
            after: at - now.rawValue)
    }

    private func deliver(_ from: Int, _ to: Int, _ start: UInt64, _ peerStart: UInt64) {
        guard nodes[to].starts == peerStart,
            links[from][to].open.map({ $0 == (start, peerStart) }) ?? false
        else { return }
        guard !links[from][to].isCut else {
            return schedule(
                .deliver(from: from, to: to, start: start, peerStart: peerStart), after: 5_000_000)
        }
        guard !links[from][to].queue.isEmpty else { return }
        let message = links[from][to].queue.removeFirst()
        nodes[to].member.handle(message, from: nodes[from].id, at: now)
        finish(to)
    }

    private func throughWire(_ message: MemberMessage) -> MemberMessage {
        precondition(message.byteCount <= 1300, "\(message.byteCount) bytes")
        var bytes = [UInt8](repeating: 0xEE, count: message.byteCount)
        var span = bytes.mutableRawSpan
        message.write(to: &span, at: 0)
        guard
            let read = try? MemberMessage.parse(
                message.type, bytes.rawSpan, at: 0, length: bytes.count)
        else { preconditionFailure("unreadable: \(message)") }
        precondition(read == message, "\(read) \(message)")
        return read
    }

    /// Takes a node's outputs.
    func finish(_ index: Int) {
        let node = nodes[index]
        node.member.checkInvariants()
        while let record = node.member.pollRecord() {
            schedule(
                .recorded(node: index, start: node.starts, record),
                after: 500_000 + random.next() % 2_000_000)
        }
        while let order = node.member.pollOrder() {
            checker.see(order, of: node, at: now)
            onOrder(index, order)
            for engine in node.engines { engine.take(order, at: now) }
        }
        while let (to, message) = node.member.pollMessage() {
            if case .view(let part) = message { checker.see(part) }
            onMessage(index, to, message)
            if let peer = nodes.firstIndex(where: { $0.id == to }) {
                send(message, from: index, to: peer)
            }
        }
        report(index)
        for peer in nodes.indices where peer != index {
            node.member.note(room: links[index][peer].queue.count < 40, to: nodes[peer].id)
        }
        checker.check(self)
    }

    func report(_ index: Int) {
        let node = nodes[index]
        for engine in node.engines {
            for report in engine.reports {
                schedule(
                    .report(node: index, start: node.starts, engine: engine.index, report),
                    after: 10_000 + random.next() % 200_000)
            }
            engine.reports = []
        }
    }
}

// MARK: Faults

extension MemberNetwork {
    func start(_ index: Int, isPlanned: Bool = true) {
        let node = nodes[index]
        node.starts += 1
        node.isUp = true
        node.isPaused = false
        node.inbox = []
        node.engines = (0..<engineCount).map {
            FakeEngine(
                node: node.id, index: $0, engineCount: engineCount,
                bucketCount: settings.bucketCount)
        }
        node.member = Member(
            node: node.id, incarnation: node.incarnation, engineCount: engineCount,
            settings: settings, recorded: node.disk)
        if isPlanned {
            node.member.apply(plans.filter { $0.members.contains(node.id) }, at: now)
        }
        schedule(.tick(node: index, start: node.starts), after: random.next() % 3_000_000)
        for peer in nodes.indices where peer != index {
            schedule(.greet(index, peer), after: 1_000_000 + random.next() % greetNanoseconds)
        }
        finish(index)
    }

    /// A snapshot comes to a node.
    func apply(_ plans: [GroupPlan], at index: Int) {
        nodes[index].member.apply(plans, at: now)
        finish(index)
    }

    func startAll() {
        for index in nodes.indices { start(index) }
    }

    func stop(_ index: Int) {
        nodes[index].isUp = false
        for peer in nodes.indices {
            links[index][peer].queue = []
            links[peer][index].queue = []
        }
    }

    func pause(_ index: Int) { nodes[index].isPaused = true }

    func resume(_ index: Int) {
        nodes[index].isPaused = false
        let inbox = nodes[index].inbox
        nodes[index].inbox = []
        // What came in is taken before the tick.
        for event in inbox where !event.isTick { schedule(event, after: 0) }
        for event in inbox where event.isTick { schedule(event, after: 0) }
    }

    func cut(_ from: Int, _ to: Int, _ isCut: Bool = true) { links[from][to].isCut = isCut }

    func cutBoth(_ one: Int, _ other: Int, _ isCut: Bool = true) {
        cut(one, other, isCut)
        cut(other, one, isCut)
    }

    func heal() {
        for index in nodes.indices {
            for peer in nodes.indices where peer != index { links[index][peer].isCut = false }
            if nodes[index].isPaused { resume(index) }
            if !nodes[index].isUp { start(index) }
        }
    }
}
