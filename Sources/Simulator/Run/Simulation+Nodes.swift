// What nodes do: start, take datagrams, have turns, send.

import Configuration
import Consensus
import Node
import Translation
import Wire

extension Simulation {
    /// A virtual router stands on a host: nodes hand it what is for targets never heard from.
    private var router: IPAddress { world.address(of: world.hosts.lowerBound) }

    func startNode(_ node: SimulatedNode) {
        node.boot(plan, random: &nodeRandom, router: router)
        note(.started, from: node.index, node.disk.startCounter)
        for number in node.engines.indices {
            let wait = nodeRandom.nanoseconds(1...plan.cluster.tickNanoseconds)
            queue.plan(.tick, at: now + wait, node.index, number, node.start)
        }
        queue.plan(
            .fetch, at: now + nodeRandom.nanoseconds(1...1_000_000_000), node.index, 0,
            node.start)
    }

    /// Into the socket of its engine, by the number that stands at the same place in every datagram.
    func arriveAtNode(_ datagram: Datagram) {
        let node = nodes[datagram.to]
        guard node.state != .down, datagram.bytes.count >= 14 else { return }
        let number = Int(
            datagram.bytes.rawSpan.bigEndianUInt16(at: OverlayHeader.bucketOffset))
        let slot = node.engines[number % node.engines.count]
        guard slot.inbox.count < 512 else { return note(.dropped, datagram) }
        slot.inbox.append(
            EngineSlot.Arrived(
                remote: world.address(of: datagram.from), bytes: datagram.bytes,
                isHandedOver: false))
        planTurn(node, number % node.engines.count)
    }

    /// A turn begins soon after something came; what comes until then is in its batch.
    func planTurn(_ node: SimulatedNode, _ engine: Int) {
        let slot = node.engines[engine]
        guard node.isRunning, !slot.isTurnPlanned else { return }
        slot.isTurnPlanned = true
        queue.plan(
            .turn, at: now + nodeRandom.nanoseconds(2_000...30_000), node.index, engine,
            node.start)
    }

    func turn(_ index: Int, _ engine: Int, start: UInt32) {
        let node = nodes[index]
        guard node.start == start, node.isRunning else { return }
        node.engines[engine].isTurnPlanned = false
        haveTurn(node, engine)
    }

    func haveTurn(_ node: SimulatedNode, _ engine: Int) {
        let slot = node.engines[engine]
        let batch = slot.receive(limit: 64)
        guard !batch.isEmpty else { return }
        slot.engine.handle(batch, at: node.now(now))
        guard !isPausedInTurn(node, slot) else { return }
        flush(node, engine)
        if !slot.inbox.isEmpty { planTurn(node, engine) }
    }

    func tick(_ index: Int, _ engine: Int, start: UInt32) {
        let node = nodes[index]
        guard node.start == start else { return }
        queue.plan(.tick, at: now + plan.cluster.tickNanoseconds, index, engine, start)
        guard node.isRunning else { return }
        node.engines[engine].engine.tick(node.now(now))
        guard !isPausedInTurn(node, node.engines[engine]) else { return }
        flush(node, engine)
    }

    /// Ends the turns in the midst of which a node stood still.
    func finishTurns(_ node: SimulatedNode) {
        node.standsInTurn = false
        for engine in node.engines.indices { flush(node, engine) }
    }

    /// Sends what an engine has to send, in order, past the checkers. The clock is read once more: a
    /// lease may have run out since the turn began.
    func flush(_ node: SimulatedNode, _ engine: Int) {
        let slot = node.engines[engine]
        while let record = slot.engine.pollRecord() {
            node.disk.records.removeAll { $0.group == record.group }
            node.disk.records.append(record)
            slot.engine.recorded(record, at: node.now(now))
        }
        slot.engine.dropUnleased(at: node.now(now))
        if !slot.engine.outgoing.isEmpty { sendOutgoing(node, engine) }
        if !slot.engine.handOvers.isEmpty { passHandOvers(node, slot) }
        judge(6, slot.account.check(slot.engine))
    }

    private func sendOutgoing(_ node: SimulatedNode, _ engine: Int) {
        let slot = node.engines[engine]
        for packet in slot.engine.outgoing {
            let bytes = slot.copy(packet)
            slot.engine.frames.give(packet.frame)
            guard let machine = world.machine(at: packet.remote) else {
                judge(6, "a datagram for \(packet.remote), where nobody is")
                continue
            }
            leave(Datagram(from: node.index, to: machine, bytes: bytes), node, engine)
        }
        slot.engine.outgoing.removeAll(keepingCapacity: true)
    }

    /// A datagram leaves a node. A node that stands still has handed it to its kernel already.
    private func leave(_ original: Datagram, _ node: SimulatedNode, _ engine: Int) {
        var datagram = original
        tamper?(&datagram)
        if swallow?(datagram) == true { return }
        if datagram.isBatch {
            let finding = checks.batchLeft(datagram.bytes.rawSpan, in: self)
            if let (invariant, message) = finding { judge(invariant, message) }
        } else {
            node.engines[engine].account.left += 1
            if datagram.to >= world.nodeCount {
                inspect(datagram, engine)
            }
        }
        if node.isRunning { send(datagram) } else { node.stuck.append(datagram) }
    }

    private func inspect(_ datagram: Datagram, _ engine: Int) {
        guard let packet = ReadPacket(datagram.bytes.rawSpan) else {
            return judge(6, "node\(datagram.from + 1) sent what is no packet")
        }
        figures.forwarded += 1
        let departure = Departure(
            packet: packet, node: datagram.from, engine: engine, machine: datagram.to, at: now)
        if let (invariant, message) = checks.departed(departure, in: self) {
            judge(invariant, message)
        }
    }

    private func passHandOvers(_ node: SimulatedNode, _ slot: EngineSlot) {
        for handOver in slot.engine.handOvers {
            let bytes = slot.copy(handOver.packet)
            slot.engine.frames.give(handOver.packet.frame)
            let other = node.engines[handOver.engine]
            guard other.inbox.count < 512 else {
                slot.engine.countLostHandOver()
                continue
            }
            slot.account.handedOver += 1
            other.inbox.append(
                EngineSlot.Arrived(
                    remote: handOver.packet.remote, bytes: bytes, isHandedOver: true))
            planTurn(node, handOver.engine)
        }
        slot.engine.handOvers.removeAll(keepingCapacity: true)
    }

    // MARK: Configuration

    /// Fetches the whole configuration every second, changed or not.
    func fetch(_ index: Int, start: UInt32) {
        let node = nodes[index]
        guard node.start == start else { return }
        queue.plan(.fetch, at: now + 1_000_000_000, index, 0, start)
        guard node.isRunning, node.cutFromControlUntil <= now else { return }
        control.reports[index] = node.closedVersion
        guard control.snapshot.version > node.disk.snapshot.version else { return }
        node.disk.snapshot = control.snapshot
        note(.applied, from: index, control.snapshot.version)
        for slot in node.engines {
            slot.engine.apply(
                ResourceTable(control.snapshot, previous: slot.engine.translator.resources))
        }
    }
}
