// The loop around an engine: receive, turn, send, and sleep in the kernel when there is nothing to
// do. Everything that the loop touches is its thread's own.

import Configuration
import Foundation
import LinuxIO
import Node
import Operations
import Synchronization
import Wire

/// One engine's thread and the ways to speak to it.
final class EngineThread: Sendable {
    let mailbox: EngineMailbox
    private let board: CounterBoard
    private let isStopping = Atomic(false)
    private let isRealTime: Bool
    let waker: Waker

    /// What the loop owns, until its thread takes it.
    struct Parts: ~Copyable {
        var settings: EngineSettings
        var snapshot: Snapshot
        var port: UDPPort
        var poller: Poller
        var senders: [Int: HandOverBox<HandOverSender>]
        var receivers: [HandOverBox<HandOverReceiver>]
        /// Wakes the other engines after a hand-over, by number.
        var neighbours: [Int: Waker]
    }

    init(waker: Waker, isRealTime: Bool) {
        self.waker = waker
        self.isRealTime = isRealTime
        board = CounterBoard()
        mailbox = EngineMailbox { waker.wake() }
    }

    /// The engine's `closedVersion`, as of a tenth of a second ago at most; 0 before its start.
    var closedVersion: UInt64 { board.closedVersion }

    /// How long the engine gives no port of its own yet, as of the same time.
    var portsRestNanoseconds: UInt64 { board.portsRestNanoseconds }

    /// Losses of the engine's sockets, as of a tenth of a second ago at most while it is busy.
    var socketLosses: [String: UInt64] { board.losses }

    func start(
        _ parts: consuming Parts, memory: MemoryBacking, records: GroupRecordFile,
        journal: MemberJournal
    ) {
        let box = HandOverBox(parts)
        let thread = Thread { [self] in
            guard let parts = box.take() else { return }
            var loop = EngineLoop(
                parts, mailbox: mailbox, board: board, memory: memory, records: records,
                journal: journal)
            loop.prepare { isStopping.load(ordering: .relaxed) }
            if isRealTime { journal.note(ThreadPriority.takeRealTime()) }
            while !isStopping.load(ordering: .relaxed) { loop.turn() }
        }
        thread.name = "engine"
        thread.stackSize = 8 << 20
        thread.start()
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        waker.wake()
    }
}

/// Carries a value that can't be copied to the thread that will own it.
final class HandOverBox<Value: ~Copyable>: @unchecked Sendable {
    private var value: Value?
    init(_ value: consuming Value) { self.value = consume value }
    func take() -> Value? {
        let taken = value.take()
        return taken
    }
}

/// What an engine's thread says of itself now and then, copied out for others to read.
final class CounterBoard: Sendable {
    private let counters = Mutex(UDPCounters())
    private let closed = Atomic<UInt64>(0)
    private let portsRest = Atomic<UInt64>(0)

    func publish(
        _ counters: UDPCounters, closedVersion: UInt64, portsRestNanoseconds: UInt64
    ) {
        self.counters.withLock { $0 = counters }
        closed.store(closedVersion, ordering: .relaxed)
        portsRest.store(portsRestNanoseconds, ordering: .relaxed)
    }

    var portsRestNanoseconds: UInt64 { portsRest.load(ordering: .relaxed) }

    var closedVersion: UInt64 { closed.load(ordering: .relaxed) }

    var losses: [String: UInt64] {
        let counters = counters.withLock { $0 }
        return [
            "receive.oversized": counters.droppedOversized,
            "receive.kernelOverflow": counters.kernelOverflows,
            "receive.errors": counters.receiveErrors,
            "send.queueFull": counters.droppedSendQueueFull,
            "send.unreachable": counters.droppedUnreachable,
            "send.forbidden": counters.droppedForbidden,
            "send.tooLong": counters.droppedTooLong,
            "send.wrongFamily": counters.droppedWrongFamily,
            "send.invalidDestination": counters.droppedInvalidDestination,
            "send.refused": counters.droppedRefused,
        ]
    }
}
