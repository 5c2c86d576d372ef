// One turn after the other.

import Consensus
import LinuxIO
import Node
import Operations
import Tables
import Wire

/// The state of an engine's loop. Owned by its thread.
struct EngineLoop: ~Copyable {
    private var engine: Engine
    private var port: UDPPort
    private var poller: Poller
    private var lanesOut: [Int: LaneOut]
    private var lanesIn: [LaneIn]
    private let mailbox: EngineMailbox
    private let board: CounterBoard
    private var batch: [Packet] = []
    private var published = Tick(rawValue: 0)
    /// When the last turn began.
    private var turnedAt = Tick(rawValue: 0)
    private let memory: MemoryBacking
    private let records: GroupRecordFile
    private let journal: MemberJournal
    private let batchLimit: Int

    /// Lanes can't be copied, arrays want what can: a class around each.
    private final class LaneOut {
        var sender: HandOverSender
        let waker: Waker
        init(_ sender: consuming HandOverSender, _ waker: Waker) {
            self.sender = sender
            self.waker = waker
        }
    }

    private final class LaneIn {
        var receiver: HandOverReceiver
        init(_ receiver: consuming HandOverReceiver) { self.receiver = receiver }
    }

    init(
        _ parts: consuming EngineThread.Parts, mailbox: EngineMailbox, board: CounterBoard,
        memory: MemoryBacking, records: GroupRecordFile, journal: MemberJournal
    ) {
        self.memory = memory
        self.journal = journal
        self.records = records
        engine = Engine(parts.settings, snapshot: parts.snapshot, seed: RandomSource.uint64())
        batchLimit = parts.settings.batch
        batch.reserveCapacity(batchLimit)
        lanesOut = [:]
        for (number, box) in parts.senders {
            guard let sender = box.take(), let waker = parts.neighbours[number] else { continue }
            lanesOut[number] = LaneOut(sender, waker)
        }
        lanesIn = []
        for box in parts.receivers {
            guard let receiver = box.take() else { continue }
            lanesIn.append(LaneIn(receiver))
        }
        port = parts.port
        poller = parts.poller
        self.mailbox = mailbox
        self.board = board
    }

    /// Backs the engine's tables with pages: before its first turn, because a peer takes a node that
    /// waits for the kernel's memory for dead. Returns when all the node's engines have theirs.
    /// Questions are answered meanwhile.
    mutating func prepare(isStopping: () -> Bool) {
        let regions = engine.memoryRegions
        memory.expect(regions)
        for region in regions {
            var offset = 0
            while offset < region.byteCount, !isStopping() {
                offset += memory.backStep(of: region, from: offset)
                mailbox.work(on: &engine, at: MonotonicClock.now())
            }
        }
        while memory.fraction < 1, !isStopping() {
            mailbox.work(on: &engine, at: MonotonicClock.now())
            _ = poller.wait(timeoutMicroseconds: 5_000)
        }
        turnedAt = MonotonicClock.now()
    }

    /// One turn; sleeps at its end if nothing came.
    mutating func turn() {
        let now = MonotonicClock.now()
        if now - turnedAt > EngineSettings.longestWaitNanoseconds { takeLate(now) }
        turnedAt = now
        mailbox.work(on: &engine, at: now)
        batch.removeAll(keepingCapacity: true)
        // Lanes first: under load the socket alone would fill every batch.
        for lane in lanesIn {
            lane.receiver.receive(
                into: &batch, pool: &engine.frames, limit: batchLimit / (2 * lanesIn.count))
        }
        _ = port.receive(
            into: &batch, pool: &engine.frames, limit: batchLimit - batch.count)
        if !batch.isEmpty {
            engine.handle(batch, at: now)
            // Before the tick, which is a turn of its own and forgets which leases this one rested on.
            send()
        }
        engine.tick(now)
        record()
        send()
        while let notice = engine.pollNotice() { journal.write(notice) }
        publish(now)
        if batch.isEmpty, !port.hasStagedPackets { sleep() }
    }

    /// This engine stood still. What came meanwhile lies before what comes now: the sockets and lanes
    /// are emptied, of no more than they can hold.
    private mutating func takeLate(_ now: Tick) {
        for _ in 0..<Self.mostLateBatches {
            batch.removeAll(keepingCapacity: true)
            for lane in lanesIn {
                lane.receiver.receive(
                    into: &batch, pool: &engine.frames, limit: batchLimit / (2 * lanesIn.count))
            }
            _ = port.receive(
                into: &batch, pool: &engine.frames, limit: batchLimit - batch.count)
            guard !batch.isEmpty else { return }
            engine.handleLate(batch, at: now)
            send()
        }
    }

    /// At 256 packets each, all that the largest receive buffer holds.
    private static let mostLateBatches = 1024

    /// What must be on the disk before the node acts by it goes there, on another thread.
    private mutating func record() {
        while let record = engine.pollRecord() {
            records.write(record) { [mailbox] in
                mailbox.post { engine, now in engine.recorded(record, at: now) }
            }
        }
    }

    private mutating func send() {
        if !engine.outgoing.isEmpty {
            engine.dropUnleased(at: MonotonicClock.now())
            port.send(engine.outgoing, pool: &engine.frames)
            engine.outgoing.removeAll(keepingCapacity: true)
        }
        for handOver in engine.handOvers {
            let lane = lanesOut[handOver.engine]
            if lane?.sender.send(handOver.packet, from: engine.frames) != true {
                engine.countLostHandOver()
            }
            engine.frames.give(handOver.packet.frame)
        }
        guard !engine.handOvers.isEmpty else { return }
        engine.handOvers.removeAll(keepingCapacity: true)
        for lane in lanesOut.values { lane.waker.wake() }
    }

    private mutating func publish(_ now: Tick) {
        guard now - published >= 100_000_000 else { return }
        published = now
        board.publish(
            port.counters, closedVersion: engine.closedVersion,
            portsRestNanoseconds: engine.portsRestNanoseconds(at: now))
    }

    /// Until a packet or a job comes. Expiry wants a look at the table now and then; an empty one
    /// wants none.
    private mutating func sleep() {
        let idle: UInt64 = engine.flowCount == 0 ? 200_000 : 20_000
        let wake = engine.wakeAt.map { ($0 - MonotonicClock.now()) / 1_000 } ?? idle
        _ = poller.wait(timeoutMicroseconds: Int(min(max(wake, 500), idle)))
    }
}
