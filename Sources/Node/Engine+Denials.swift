// Denials: what an engine says of a flow, or loan, that it doesn't know. A leader that was replaced doesn't
// know it either, so a denial leaves only when followers have acknowledged something that was sent after
// the question came: one empty entry for all that ask in a turn. DESIGN part 5, rule 11.

import Consensus
import Translation
import Wire

/// A denial that waits to be confirmed.
struct Denial {
    enum Content {
        /// An RST or ICMP error, in a frame of its own.
        case packet(Packet)
        case loan(LoanDenied)
    }

    var content: Content
    var copy: CopyIndex
    var reign: UInt32
    var since: Tick
    /// The entry whose commitment confirms it; nil: none is appended yet.
    var sequence: UInt64?
}

/// The last entry that was appended for denials of a bucket.
struct Confirmation {
    var reign: UInt32 = 0
    var sequence: UInt64 = 0
    /// In which round over all denials that was.
    var round: UInt64 = 0
}

extension Engine {
    /// Keeps a denial until it is confirmed; where nobody else keeps copies it leaves at once.
    mutating func deny(_ content: Denial.Content, _ copy: CopyIndex, _ now: Tick) {
        guard exchange.replica.hasFollowers(copy) else { return say(content, now) }
        let denial = Denial(
            content: content, copy: copy, reign: exchange.replica.reign(copy), since: now)
        guard denials.count < settings.waitingCapacity else { return forget(denial) }
        denials.append(denial)
    }

    /// Appends an entry for each bucket with denials that none was appended for since: one at a time, so
    /// that those that come while it is on its way share the next.
    mutating func confirmDenials() {
        guard !denials.isEmpty else { return }
        confirmationRound &+= 1
        for index in denials.indices where denials[index].sequence == nil {
            let copy = denials[index].copy
            let reign = exchange.replica.reign(copy)
            guard reign == denials[index].reign, exchange.replica.mayDecide(copy) else { continue }
            let place = Int(copy.rawValue)
            while confirmations.count <= place { confirmations.append(Confirmation()) }
            let last = confirmations[place]
            if last.round == confirmationRound {
                denials[index].sequence = last.sequence
            } else if last.reign != reign || last.sequence <= exchange.replica.committed(copy) {
                let sequence = exchange.replica.appendEmpty(copy)
                confirmations[place] = Confirmation(
                    reign: reign, sequence: sequence, round: confirmationRound)
                denials[index].sequence = sequence
            }
        }
    }

    /// Says what is confirmed, and forgets what never will be, or too late.
    mutating func releaseDenials(_ now: Tick) {
        guard !denials.isEmpty else { return }
        var kept = 0
        for index in denials.indices {
            let one = denials[index]
            if exchange.replica.reign(one.copy) != one.reign
                || now - one.since >= settings.waitingNanoseconds
            {
                forget(one)
            } else if let sequence = one.sequence, sequence <= exchange.replica.committed(one.copy)
            {
                say(one.content, now)
            } else {
                denials[kept] = one
                kept += 1
            }
        }
        denials.removeLast(denials.count - kept)
    }

    private mutating func say(_ content: Denial.Content, _ now: Tick) {
        switch content {
        case .packet(let packet):
            counters.answersMade += 1
            outgoing.append(packet)
        case .loan(let loan):
            // What waits for its configuration may be the flow that took it.
            if translator.strayCount == 0 { exchange.loans.deny(loan, at: now) }
        }
    }

    private mutating func forget(_ denial: Denial) {
        counters.denialsDropped += 1
        if case .packet(let packet) = denial.content { frames.give(packet.frame) }
    }
}
