// The course of a trial: step after step, until one goes wrong.

import Steering
public import Wire

extension CaseEngine {
    /// Begins trials and ends steps whose time has come. True if frames were wanting.
    public mutating func tick(_ now: Tick, pool: inout FramePool) -> Bool {
        while begun < trials.count, start + UInt64(begun) * 1_000_000 <= now {
            guard pool.freeCount > 64 else { return true }
            trials[begun].state = .running
            counters.attempted += 1
            enter(begun, now, &pool)
            begun += 1
        }
        for index in 0..<begun
        where trials[index].state == .running && trials[index].deadline <= now {
            timeIsUp(index, now, &pool)
        }
        return false
    }

    private func step(_ index: Int) -> CaseStep {
        suite.cases[trials[index].scenario].steps[trials[index].step]
    }

    /// Sends a step's packets.
    private mutating func enter(_ index: Int, _ now: Tick, _ pool: inout FramePool) {
        let step = step(index)
        trials[index].outstanding = step.packets
        trials[index].isServed = false
        trials[index].entered = now
        trials[index].resets = []
        switch step.expectation {
        case .arrives, .arrivesAnew, .answer:
            trials[index].deadline = now + Self.patienceNanoseconds
        case .nothing, .either: trials[index].deadline = now + Self.quietNanoseconds
        case .pause(let milliseconds):
            trials[index].deadline = now + UInt64(milliseconds) * 1_000_000
        case .idles(let state, let share):
            let slack = share < 1 ? 0 : Self.sweepNanoseconds
            trials[index].deadline = now + UInt64(Double(idle(state)) * share) + slack
        case .bothAreReset:
            trials[index].deadline = now + idle(.established) + Self.sweepNanoseconds
        }
        for packet in step.packets {
            guard let view = trials[index].view(of: packet.from) else {
                return fail(index, "the flow has no translation yet")
            }
            for piece in step.cut.pieces(packet.bytes(view)) {
                send(piece, packet, view, index, &pool)
            }
        }
    }

    mutating func advance(_ index: Int, _ now: Tick, _ pool: inout FramePool) {
        trials[index].step += 1
        if trials[index].step == suite.cases[trials[index].scenario].steps.count {
            trials[index].state = .passed
            finished += 1
            counters.completed += 1
        } else {
            enter(index, now, &pool)
        }
    }

    mutating func fail(_ index: Int, _ reason: String) {
        guard trials[index].state == .running else { return }
        trials[index].state = .failed("step \(trials[index].step + 1): \(reason)")
        finished += 1
    }

    private mutating func timeIsUp(_ index: Int, _ now: Tick, _ pool: inout FramePool) {
        let step = step(index)
        switch step.expectation {
        case .arrives, .arrivesAnew:
            let missing = trials[index].outstanding.first.flatMap { packet in
                trials[index].view(of: packet.from).map { packet.bytes($0).summary }
            }
            fail(index, "\(missing ?? "a packet") did not come out")
        case .answer(let answer):
            fail(index, "the sender got no \(answer.name)")
        case .bothAreReset: fail(index, "after its idle time not both ends were reset")
        case .nothing, .either, .pause, .idles:
            advance(index, now, &pool)
        }
    }

    /// A whole packet came out at an end of a trial.
    mutating func judge(
        _ packet: [UInt8], at end: End, _ index: Int, _ now: Tick, _ pool: inout FramePool
    ) {
        let step = step(index)
        let isForward = step.packets.first.map { $0.from.other == end } ?? false
        switch step.expectation {
        case .arrives, .arrivesAnew, .either:
            if isForward {
                match(packet, at: end, step.expectation, index, now, &pool)
            } else if !(step.expectation.isEither && packet.isOfANode) {
                fail(index, "\(packet.summary) came to the \(end)")
            }
        case .answer(let answer) where !isForward:
            judge(packet, answer, index, now, &pool)
        case .bothAreReset: noteReset(packet, at: end, index, now, &pool)
        case .nothing where !isForward && !step.packets.isEmpty && packet.isOfANode: break
        default: fail(index, "\(packet.summary) came out at the \(end)")
        }
    }

    private mutating func match(
        _ packet: [UInt8], at end: End, _ expectation: CaseExpectation, _ index: Int,
        _ now: Tick, _ pool: inout FramePool
    ) {
        if end == .server, !learn(packet, expectation, index) { return }
        guard let view = trials[index].view(of: end) else { return }
        var difference: String?
        for (place, expected) in trials[index].outstanding.enumerated() {
            guard
                let found = PacketDifference.find(packet, expected: expected.bytes(view))
            else {
                trials[index].outstanding.remove(at: place)
                if trials[index].outstanding.isEmpty { advance(index, now, &pool) }
                return
            }
            difference = difference ?? found
        }
        fail(index, "\(packet.summary) came out: \(difference ?? "once too often")")
    }
}

extension CaseExpectation {
    var isEither: Bool { if case .either = self { true } else { false } }
    var isAnew: Bool { if case .arrivesAnew = self { true } else { false } }
}

extension [UInt8] {
    /// An ICMP error or a TCP reset, with right checksums: what a node may say for itself.
    var isOfANode: Bool {
        guard IPv4Bytes.checksumsAreRight(self) else { return false }
        let start = IPv4Bytes.headerBytes(self)
        switch IPProtocol(rawValue: self[9]) {
        case .icmp: return count >= start + 28 && ICMPType.classify(self[start]) == .error
        case .tcp: return count >= start + 20 && self[start + 13] & TCPFlags.rst.rawValue != 0
        default: return false
        }
    }
}
