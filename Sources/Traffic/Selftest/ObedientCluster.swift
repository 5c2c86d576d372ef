// A cluster that does to each case's packets what the case wants, and one wrong thing if it is asked
// to: it shows that the cases' own checks see.

import Steering
public import Wire

/// What an obedient cluster may do wrong.
public enum CaseFault: String, CaseIterable, Sendable {
    /// Lets out what must not come out.
    case passesWhatIsWrong
    /// Keeps what must come out.
    case losesWhatIsRight
    /// Lets a packet out with its inner source address.
    case leaks
    /// Changes a byte of the payload and mends the checksum.
    case changesData
    /// Changes a byte and leaves the checksum.
    case breaksChecksum
    /// Delivers a packet twice.
    case doubles
    /// Doesn't lower the time to live.
    case keepsTimeToLive
    /// Lets connections idle out without a word.
    case neverResets
}

/// Plays cases in virtual time, without packets on any wire.
public struct ObedientCluster: ~Copyable {
    public var engine: CaseEngine
    public var pool: FramePool
    private let fault: CaseFault?
    private var number = 0

    public init(
        _ suite: CaseSuite, repetitions: Int, _ topology: Topology, fault: CaseFault? = nil,
        start: Tick
    ) throws(TopologyError) {
        engine = try CaseEngine(suite, repetitions: repetitions, topology, seed: 5, start: start)
        pool = FramePool(count: 2048, frameBytes: 10_240)
        self.fault = fault
    }

    /// Sends what is due, and delivers what comes of it.
    public mutating func step(_ now: Tick) {
        _ = engine.tick(now, pool: &pool)
        for (reset, end) in engine.dueResets(now) where fault != .neverResets {
            engine.deliver(reset, at: end, now, &pool)
        }
        for endpoint in engine.outbox.indices {
            guard takeBatch(of: endpoint) else { continue }
            let end: End =
                engine.topology.endpoints[endpoint].role == .edge ? .server : .client
            // Behind a host are clients and targets.
            for end in engine.isBalanced ? [End.client, .server] : [end] {
                for trial in engine.trialsThatSent(from: end) { serve(trial, now) }
            }
        }
        guard engine.isDone else { return }
        // What a trial sent at once after its last but one step was served already.
        for endpoint in engine.outbox.indices { _ = takeBatch(of: endpoint) }
    }

    /// Gives an endpoint's frames back. False if it sent nothing.
    private mutating func takeBatch(of endpoint: Int) -> Bool {
        let packets = engine.outbox[endpoint]
        engine.clearOutbox(endpoint)
        for packet in packets { pool.give(packet.frame) }
        return !packets.isEmpty
    }

    /// Does what the step of a trial wants, once.
    private mutating func serve(_ trial: Int, _ now: Tick) {
        let wanted = engine.wanted(trial)
        for (bytes, end, mustPass) in wanted {
            var packet = bytes
            number += 1
            let isPlanted = number % 7 == 3
            if isPlanted, fault == .losesWhatIsRight { continue }
            if !mustPass, !(isPlanted && fault == .passesWhatIsWrong) { continue }
            if isPlanted { plant(&packet, trial, end) }
            engine.deliver(packet, at: end, now, &pool)
            if isPlanted, fault == .doubles { engine.deliver(packet, at: end, now, &pool) }
        }
    }

    private func plant(_ packet: inout [UInt8], _ trial: Int, _ end: End) {
        switch fault {
        case .leaks where end == .server:
            packet.put(engine.trials[trial].inside.client, at: 12)
            IPv4Bytes.sealHeader(&packet)
        case .changesData:
            packet[packet.count - 1] ^= 1
            IPv4Bytes.sealTransport(&packet)
        case .breaksChecksum: packet[packet.count - 1] ^= 1
        case .keepsTimeToLive:
            packet[8] = 64
            IPv4Bytes.sealHeader(&packet)
        default: break
        }
    }
}

extension CaseEngine {
    /// Trials whose step's packets of this end have just been sent.
    mutating func trialsThatSent(from end: End) -> [Int] {
        let sent = trials.indices.filter { index in
            trials[index].state == .running && !trials[index].isServed
                && trials[index].outstanding.first?.from == end
        }
        for index in sent { trials[index].isServed = true }
        return sent
    }

    /// What the other end of a trial would get of its step's packets, and whether it must; or what
    /// the sender would.
    func wanted(_ index: Int) -> [(packet: [UInt8], end: End, mustPass: Bool)] {
        let trial = trials[index]
        let step = suite.cases[trial.scenario].steps[trial.step]
        var outside = trial.outside ?? trial.inside
        if trial.outside == nil, isBalanced {
            let transport = suite.cases[trial.scenario].transport
            let target = topology.services[service].listener(transport)?.targets.first
            outside.server =
                target.flatMap { topology.services[service].name($0.address) } ?? outside.server
            outside.serverPort = target?.port ?? outside.serverPort
            outside.serverRouter = topology.services[service].firstAddress
        } else if trial.outside == nil {
            outside.client = topology.services[service].eips[0]
            outside.clientPort = Port(topology.portSets.first + UInt16(index))
            outside.clientRouter = outside.client
        }
        return step.packets.compactMap { packet in
            let own = packet.from == .client ? trial.inside : outside
            var bytes = packet.bytes(packet.from == .client ? outside : trial.inside)
            switch step.expectation {
            case .answer(let answer):
                return (answer.packet(about: packet.bytes(own)), packet.from, true)
            case .nothing:
                bytes.lowerTimeToLive()
                return (bytes, packet.from.other, false)
            default:
                bytes.lowerTimeToLive()
                return (bytes, packet.from.other, true)
            }
        }
    }

    /// Resets for the ends of connections that have idled out.
    func dueResets(_ now: Tick) -> [(packet: [UInt8], end: End)] {
        trials.indices.flatMap { index -> [(packet: [UInt8], end: End)] in
            let trial = trials[index]
            guard trial.state == .running,
                case .bothAreReset = suite.cases[trial.scenario].steps[trial.step].expectation,
                now - trial.entered >= idle(.established), let outside = trial.outside
            else { return [] }
            return [
                (CasePacket.tcp(.server, .rst, 1).bytes(trial.inside), .client),
                (CasePacket.tcp(.client, .rst, 1).bytes(outside), .server),
            ]
        }
    }

    mutating func deliver(
        _ packet: [UInt8], at end: End, _ now: Tick, _ pool: inout FramePool
    ) {
        // As it would be on a wire.
        guard let packet = six.map({ $0.narrowed($0.widened(packet)) }) ?? packet else { return }
        take(packet, at: end, now, &pool)
    }
}

extension CaseAnswer {
    /// As a node with a link of 1,400 bytes would answer.
    fileprivate func packet(about sent: [UInt8]) -> [UInt8] {
        guard type != nil else { return reset(sent) }
        var payload = [UInt8](repeating: 0, count: 8) + sent.prefix(28)
        payload[0] = type ?? 0
        payload[1] = code
        payload.put(UInt16(1400), at: 6)
        var packet = IPv4Bytes.packet(
            .icmp, from: sent.address(at: 16), to: sent.address(at: 12), payload)
        IPv4Bytes.sealTransport(&packet)
        return packet
    }

    private func reset(_ sent: [UInt8]) -> [UInt8] {
        var segment = [UInt8](repeating: 0, count: 20)
        segment.replaceSubrange(0..<2, with: sent[22..<24])
        segment.replaceSubrange(2..<4, with: sent[20..<22])
        segment[12] = 0x50
        segment[13] = TCPFlags.rst.rawValue
        var packet = IPv4Bytes.packet(
            .tcp, from: sent.address(at: 16), to: sent.address(at: 12), segment)
        IPv4Bytes.sealTransport(&packet)
        return packet
    }
}

extension [UInt8] {
    fileprivate mutating func lowerTimeToLive() {
        guard self[8] > 1 else { return }
        self[8] -= 1
        if self[0] >> 4 == 4, IPv4Bytes.headerBytes(self) <= count { IPv4Bytes.sealHeader(&self) }
    }
}
