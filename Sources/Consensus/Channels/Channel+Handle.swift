// What becomes of a datagram: checked against header, incarnations, sequence, seal and contents, in
// this order, and refused by the first that is wrong.

public import Wire

extension Channel where Sealer: ~Copyable {
    /// Takes one datagram, opening it in place. Its messages, if it has any, are to be processed
    /// before the next `poll`.
    public mutating func handle(_ bytes: inout MutableRawSpan, at now: Tick) -> BatchOutcome {
        let header: BatchHeader
        do throws(BatchError) {
            header = try BatchHeader.parse(bytes.bytes)
        } catch {
            return refuse(BatchRefusal(error))
        }
        guard header.receiver == own.address, header.sender == peer else {
            return refuse(.foreign)
        }
        guard header.kind == .messages else { return greeted(header, bytes.bytes) }
        if let cause = checkIncarnations(header) { return refuse(cause) }
        guard header.sequence == 0 || header.sequence > received else {
            // Its acknowledgement was lost.
            owesAcknowledgement = true
            return refuse(.replayed)
        }
        guard let contents = opened(header, &bytes) else { return refuse(.forged) }
        guard header.acknowledged <= window.sentThrough else {
            return refuse(.badAcknowledgement)
        }
        lastHeard = now
        isKnownToPeer = true
        acknowledge(header, at: now)
        return take(header, contents, bytes.bytes)
    }

    /// Counts a refusal.
    mutating func refuse(_ reason: BatchRefusal) -> BatchOutcome {
        counters.countRefusal(reason)
        return .refused(reason)
    }

    mutating func refuse(_ cause: RefusalCause) -> BatchOutcome { refuse(BatchRefusal(cause)) }

    /// Whether a batch is between the two incarnations of this stream; if one end doesn't know the
    /// other's, this end greets.
    private mutating func checkIncarnations(_ header: BatchHeader) -> RefusalCause? {
        guard header.receiverIncarnation == own.incarnation else {
            greeting.isAsked = true
            return .foreignIncarnation
        }
        guard let known = peerIdentity?.incarnation else {
            greeting.isAsked = true
            return .unknownIncarnation
        }
        if header.senderIncarnation == known { return nil }
        if header.senderIncarnation.counter < known.counter { return .staleIncarnation }
        if header.senderIncarnation.counter == known.counter { return .conflictingIncarnation }
        greeting.isAsked = true
        return .unknownIncarnation
    }

    /// Where the contents stand, once their seal is open. Nil if it doesn't open.
    private mutating func opened(
        _ header: BatchHeader, _ bytes: inout MutableRawSpan
    ) -> Range<Int>? {
        guard let overhead = sealer?.overheadBytes else { return nil }
        let length = header.totalBytes - overhead
        guard length >= header.headerBytes else { return nil }
        let isGood = sealer?.open(
            &bytes, headerBytes: header.headerBytes, length: length, number: header.number)
        return isGood == true ? header.headerBytes..<length : nil
    }

    private mutating func acknowledge(_ header: BatchHeader, at now: Tick) {
        probes = nil
        let (isNew, roundTrip) = window.acknowledge(through: header.acknowledged, at: now)
        if let roundTrip { timer.measure(roundTrip) }
        if isNew { timer.progress(isDone: window.outstanding == 0, at: now) }
        if header.marks.contains(.gap), window.outstanding > 0, timer.mayRewind(at: now) {
            window.rewind()
        }
    }

    private mutating func take(
        _ header: BatchHeader, _ contents: Range<Int>, _ bytes: RawSpan
    ) -> BatchOutcome {
        if header.sequence == 0 {
            return contents.isEmpty ? .acknowledgement : refuse(.contentsOutsideStream)
        }
        guard header.sequence == received + 1 else {
            owesAcknowledgement = true
            sawGap = true
            return refuse(.outOfOrder)
        }
        let outcome: BatchOutcome
        do throws(PeerMessageError) {
            if header.marks.contains(.compressed) {
                guard let count = expand(bytes.extracting(contents)) else {
                    return refuse(.unexpandable)
                }
                try PeerMessage.check(expanded.rawSpan.extracting(0..<count), from: 0)
                outcome = .expanded(count)
            } else {
                try PeerMessage.check(
                    bytes.extracting(0..<contents.upperBound), from: contents.lowerBound)
                outcome = .messages(contents)
            }
        } catch {
            return refuse(BatchRefusal(error))
        }
        received = header.sequence
        owesAcknowledgement = true
        counters.batchesTaken += 1
        return outcome
    }

    /// Expands into `expanded` what came compressed; how long it is.
    private mutating func expand(_ block: RawSpan) -> Int? {
        // Out of the channel while the sealer, a part of it, writes there.
        var room: [UInt8] = []
        swap(&room, &expanded)
        if room.isEmpty { room = Array(repeating: 0, count: settings.maximumBatchBytes) }
        var span = room.mutableRawSpan
        let count = sealer?.expand(block, into: &span)
        swap(&room, &expanded)
        return count
    }
}
