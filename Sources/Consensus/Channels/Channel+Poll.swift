// What a channel has to send: a greeting, then the stream's batches, then an acknowledgement if none
// of them carried it.

public import Wire

extension Channel where Sealer: ~Copyable {
    /// Writes the next datagram to the front of `datagram`, which has `maximumBatchBytes`. Its
    /// length; nil if there is nothing to send. The first call of a turn closes the turn's batch.
    public mutating func poll(at now: Tick, into datagram: inout MutableRawSpan) -> Int? {
        if let length = pollGreeting(at: now, into: &datagram) { return length }
        guard peerIdentity != nil else { return nil }
        window.close()
        if let length = pollBatch(at: now, into: &datagram) { return length }
        guard owesAcknowledgement else { return nil }
        return acknowledgeAlone(into: &datagram)
    }

    /// Whether `poll` would give anything now, or the turn's batch isn't closed yet.
    public func hasOutput(at now: Tick) -> Bool {
        if greeting.owesWelcome { return true }
        if mustGreet, greeting.isDue(at: now) { return true }
        guard peerIdentity != nil else { return false }
        return owesAcknowledgement || window.openBytes > 0
            || window.hasWaiting && probes != 0
    }

    /// When `tick` or `poll` has something to do next, if nothing comes before.
    public var wakeAt: Tick? {
        let greetAt = mustGreet ? greeting.notBefore : nil
        guard let resendAt = timer.wakeAt else { return greetAt }
        return greetAt.map { min($0, resendAt) } ?? resendAt
    }

    /// Sends again what wasn't acknowledged in time.
    public mutating func tick(_ now: Tick) {
        if timer.isGapDue(at: now) { window.rewind() }
        guard let deadline = timer.deadline, deadline <= now else { return }
        timer.expire(at: now)
        // A peer that was silent twice is asked with one batch, not with all of them.
        if timer.timeouts > 2 { probes = 1 }
        window.rewind()
    }

    private mutating func pollBatch(at now: Tick, into datagram: inout MutableRawSpan) -> Int? {
        guard probes != 0, let (sequence, isAgain) = window.waiting else { return nil }
        var length = window.copyWaiting(to: &datagram)
        if isAgain {
            counters.batchesResent += 1
        } else {
            let shorter = compress(&datagram, length)
            length = seal(
                &datagram, shorter ?? length, sequence: sequence,
                marks: shorter == nil ? [] : .compressed)
            window.keep(datagram.bytes.extracting(0..<length))
            counters.batchesSent += 1
        }
        window.sent(at: now)
        timer.start(at: now)
        if let left = probes { probes = left - 1 }
        return length
    }

    private mutating func acknowledgeAlone(into datagram: inout MutableRawSpan) -> Int {
        counters.acknowledgementsAlone += 1
        return seal(&datagram, BatchHeader.byteCount, sequence: 0, marks: [])
    }

    /// Compresses the batch that waits, if it holds a transfer. The new length; nil if it stays.
    // DESIGN part 5, rule 10.
    private mutating func compress(_ batch: inout MutableRawSpan, _ length: Int) -> Int? {
        guard peerExpands, window.isWaitingBulk,
            let shorter = sealer?.compress(
                &batch, headerBytes: BatchHeader.byteCount, length: length)
        else { return nil }
        counters.batchesCompressed += 1
        counters.bytesSpared += UInt64(length - shorter)
        return shorter
    }

    /// Writes the header, which acknowledges all that was taken, and seals. The whole length.
    private mutating func seal(
        _ batch: inout MutableRawSpan, _ length: Int, sequence: UInt64, marks: BatchMarks
    ) -> Int {
        number += 1
        var header = header(.messages, totalBytes: length + (sealer?.overheadBytes ?? 0))
        header.number = number
        header.sequence = sequence
        header.marks = sawGap ? marks.union(.gap) : marks
        header.write(to: &batch)
        sealer?.seal(&batch, headerBytes: header.headerBytes, length: length, number: number)
        owesAcknowledgement = false
        sawGap = false
        return header.totalBytes
    }
}
