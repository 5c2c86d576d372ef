// Filling a follower: this engine walks the bucket's records, a few in each turn, and puts them into
// the stream that its entries go in. DESIGN part 5, rule 10.

import Configuration
import Consensus
import Steering
import Tables
import Translation
import Wire

/// One follower of one bucket that is to be filled, and how far that has come.
struct Transfer {
    enum Stage {
        case waiting
        case ipv4(ChainWalk)
        /// Waits for a walk over the other table.
        case between
        case ipv6(ChainWalk)
        case ending
        /// All is sent, and the follower has not said that it is full.
        case sent(Tick)
        /// Not before then: it was tried in vain.
        case resting(until: Tick)
    }

    let copy: CopyIndex
    let seat: Int
    let reign: UInt32
    var stage = Stage.waiting
    /// How often this follower was filled in vain in this reign.
    var failures = 0

    /// How long to wait after the last failure: each time twice as long.
    var restNanoseconds: UInt64 { 2_000_000_000 << UInt64(min(failures, 5)) }
}

extension Engine {
    /// Goes on with the first transfer that wants it. Once a turn: constant work.
    mutating func continueTransfers(_ now: Tick) {
        var steps = 0
        while steps < Self.transferSteps, let first = transfers.first {
            steps += 1
            guard exchange.replica.wantsTransfer(first.copy, seat: first.seat, reign: first.reign)
            else {
                abandon(first)
                continue
            }
            guard exchange.hasRoomForTransfer(first.copy, to: first.seat) else {
                // Another follower's channel may have room.
                rotate()
                continue
            }
            step(now)
        }
    }

    /// The first transfer can't go on now. Walks are fewer than transfers may be: one that waits for a
    /// walk lets those go on that have one.
    private mutating func rotate() { transfers.append(transfers.removeFirst()) }

    private static var transferSteps: Int { 4 }
    private static var recordsPerStep: Int { 32 }

    private mutating func step(_ now: Tick) {
        var transfer = transfers[0]
        isTransferBroken = false
        let chain =
            exchange.replica.groupSlot(transfer.copy)
            * translator.resources.portSets.bucketCount
            + Int(exchange.replica.bucket(transfer.copy).rawValue)
        switch transfer.stage {
        case .waiting:
            guard let walk = flowsV4.beginWalk(ofChain: chain) else { return rotate() }
            guard send(transfer, .transferBegin) else { return flowsV4.abandon(walk) }
            if settings.plantedBug == .transferOutOfOrder { _ = send(transfer, .transferEnd) }
            transfer.stage = .ipv4(walk)
        case .ipv4(let walk):
            guard walkV4(walk, transfer, now) else { return isTransferBroken ? restart() : () }
            transfer.stage = .between
        case .between:
            guard let walk = flowsV6.beginWalk(ofChain: chain) else { return rotate() }
            transfer.stage = .ipv6(walk)
        case .ipv6(let walk):
            guard walkV6(walk, transfer, now) else { return isTransferBroken ? restart() : () }
            transfer.stage = .ending
        case .ending:
            guard send(transfer, .transferEnd) else { return }
            transfer.stage = .sent(now)
        case .sent(let sentAt):
            guard now - sentAt > transfer.restNanoseconds else {
                return rotate()
            }
            // Something of it found no room there.
            transfer.failures += 1
            transfer.stage = .waiting
        case .resting(let until):
            guard now >= until else { return rotate() }
            transfer.stage = .waiting
        }
        transfers[0] = transfer
        if isTransferBroken { restart() }
    }

    /// Begins the first transfer anew.
    private mutating func restart() {
        let broken = transfers[0]
        abandon(broken)
        transfers.append(
            Transfer(
                copy: broken.copy, seat: broken.seat, reign: broken.reign,
                failures: broken.failures))
    }

    /// Plans a transfer, in place of one that the same follower of the bucket was being filled by: what
    /// an older view's transfer says last must never end this one.
    // DESIGN part 5, rule 10: a new view starts a transfer from the beginning.
    mutating func planTransfer(
        _ copy: CopyIndex, to seat: Int, refills: Int, _ now: Tick
    ) {
        if let place = transfers.firstIndex(where: { $0.copy == copy && $0.seat == seat }) {
            endWalk(transfers.remove(at: place))
        }
        var transfer = Transfer(copy: copy, seat: seat, reign: exchange.replica.reign(copy))
        if refills > 0 {
            // Rule 9: who has no room for a bucket is not filled with it for ever.
            transfer.failures = refills - 1
            transfer.stage = .resting(until: now + transfer.restNanoseconds)
            transfer.failures = refills
        }
        transfers.append(transfer)
    }

    private mutating func abandon(_ transfer: Transfer) {
        endWalk(transfer)
        transfers.removeFirst()
    }

    private mutating func endWalk(_ transfer: Transfer) {
        switch transfer.stage {
        case .ipv4(let walk): flowsV4.abandon(walk)
        case .ipv6(let walk): flowsV6.abandon(walk)
        case .waiting, .between, .ending, .sent, .resting: break
        }
    }

    /// True if that was the last record.
    private mutating func walkV4(_ walk: ChainWalk, _ transfer: Transfer, _ now: Tick) -> Bool {
        gathered.removeAll(keepingCapacity: true)
        var handles: [FlowHandle] = []
        swap(&handles, &gathered)
        let isOver = flowsV4.advance(walk, limit: Self.recordsPerStep) { handle, _, _ in
            handles.append(handle)
            return .keep
        }
        for handle in handles {
            guard let entry = transferEntry(handle, now) else { continue }
            guard send(transfer, entry) else { break }
        }
        swap(&handles, &gathered)
        return isOver
    }

    private mutating func walkV6(_ walk: ChainWalk, _ transfer: Transfer, _ now: Tick) -> Bool {
        gathered.removeAll(keepingCapacity: true)
        var handles: [FlowHandle] = []
        swap(&handles, &gathered)
        let isOver = flowsV6.advance(walk, limit: Self.recordsPerStep) { handle, _, _ in
            handles.append(handle)
            return .keep
        }
        for handle in handles {
            guard let entry = translator.recordEntry(handle, in: flowsV6, at: now) else { continue }
            guard send(transfer, entry) else { break }
        }
        swap(&handles, &gathered)
        return isOver
    }

    private mutating func send(_ transfer: Transfer, _ kind: EntryKind) -> Bool {
        Self.send(transfer, kind, flags: 0, entryBytes, 0, &exchange)
    }

    // Of two parts of the engine at once, so that neither is the whole.
    private static func send(
        _ transfer: Transfer, _ kind: EntryKind, flags: UInt8, _ bytes: [UInt8], _ count: Int,
        _ exchange: inout PeerExchange
    ) -> Bool {
        exchange.sendNews(
            transfer.copy, to: transfer.seat, kind, flags: flags,
            body: bytes.rawSpan.extracting(0..<count))
    }

    /// Room for a whole step was asked for before; if there is none all the same, a record is missing,
    /// and the transfer begins anew.
    private mutating func send(_ transfer: Transfer, _ entry: FlowEntry) -> Bool {
        write(entry)
        let isSent = Self.send(
            transfer, EntryKind(entry.kind), flags: entry.flags, entryBytes, entry.byteCount,
            &exchange)
        if !isSent { isTransferBroken = true }
        return isSent
    }
}
