// How two ends learn each other's incarnation: hello, welcome. Both stand in the clear, since the keys of
// the stream are derived from what they tell; where there are keys, both are signed.

import Wire

/// When to greet.
struct GreetingTimer {
    let first: UInt64
    let maximum: UInt64
    /// The owner wants the channel open.
    var isWanted = false
    /// Something came that shows that the peer doesn't know this incarnation, or this end the peer's.
    var isAsked = false
    var owesWelcome = false
    private var attempts = 0
    private(set) var notBefore: Tick?

    init(_ settings: ChannelSettings) {
        first = settings.firstResendNanoseconds
        maximum = settings.maximumGreetingNanoseconds
    }

    func isDue(at now: Tick) -> Bool { notBefore.map { $0 <= now } ?? true }

    mutating func sent(at now: Tick) {
        notBefore = now + min(maximum, first << UInt64(min(attempts, 16)))
        attempts += 1
        isAsked = false
    }

    mutating func answered() {
        attempts = 0
        isAsked = false
    }
}

extension Channel where Sealer: ~Copyable {
    /// A hello or a welcome.
    mutating func greeted(_ header: BatchHeader, _ bytes: RawSpan) -> BatchOutcome {
        if let keys, !keys.hasSigned(bytes) { return refuse(.forged) }
        let told: ChannelIdentity
        do throws(PeerMessageError) {
            let greeting = try Greeting.parse(bytes, at: header.headerBytes)
            told = ChannelIdentity(
                address: peer, incarnation: header.senderIncarnation, greeting: greeting)
        } catch {
            return refuse(BatchRefusal(error))
        }
        if header.kind == .welcome, header.receiverIncarnation != own.incarnation {
            greeting.isAsked = true
            return refuse(.foreignIncarnation)
        }
        if let cause = meet(told, newestEpoch: header.newestEpoch) { return refuse(cause) }
        peerExpands = header.marks.contains(.expands)
        greeting.answered()
        if header.receiverIncarnation == own.incarnation { isKnownToPeer = true }
        if header.kind == .hello { greeting.owesWelcome = true }
        return .greeting
    }

    /// Compares the peer with what is known of it, and begins a stream if it is new.
    private mutating func meet(
        _ told: ChannelIdentity, newestEpoch: UInt32
    ) -> RefusalCause? {
        guard let known = peerIdentity else {
            begin(with: told, newestEpoch)
            event = event ?? .opened(told.incarnation)
            return nil
        }
        if told == known { return nil }
        guard told.incarnation.counter != known.incarnation.counter else {
            return .conflictingIncarnation
        }
        guard told.incarnation.counter > known.incarnation.counter else {
            return .staleIncarnation
        }
        counters.restarts += 1
        counters.batchesLostWithStream += UInt64(window.reset())
        begin(with: told, newestEpoch)
        event = .restarted(from: known.incarnation, to: told.incarnation)
        return nil
    }

    private mutating func begin(with told: ChannelIdentity, _ newestEpoch: UInt32) {
        peerIdentity = told
        received = 0
        owesAcknowledgement = false
        sawGap = false
        probes = nil
        lastHeard = nil
        isKnownToPeer = false
        timer.stop()
        sealer = makeSealer(own, told)
        if let keys {
            sealer?.adopt(keys, peerEpoch: newestEpoch == 0 ? nil : newestEpoch)
        }
        precondition(
            sealer?.overheadBytes ?? 0 <= ChannelSettings.sealReserveBytes,
            "a batch has room for its seal")
    }

    /// Writes a greeting, if one is due.
    mutating func pollGreeting(at now: Tick, into datagram: inout MutableRawSpan) -> Int? {
        if mustGreet, greeting.isDue(at: now) {
            greeting.sent(at: now)
            return greet(.hello, into: &datagram)
        }
        guard greeting.owesWelcome else { return nil }
        greeting.owesWelcome = false
        return greet(.welcome, into: &datagram)
    }

    private mutating func greet(_ kind: BatchKind, into datagram: inout MutableRawSpan) -> Int {
        var length = BatchHeader.byteCount + Greeting.byteCount
        if keys != nil { length += GreetingSignature.byteCount }
        var header = header(kind, totalBytes: length)
        header.marks = .expands
        header.write(to: &datagram)
        own.greeting.write(to: &datagram, at: BatchHeader.byteCount)
        keys?.sign(&datagram, length: length)
        counters.greetingsSent += 1
        return length
    }

    /// A header with both ends as they are known.
    mutating func header(_ kind: BatchKind, totalBytes: Int) -> BatchHeader {
        let newestEpoch = sealer?.newestEpoch ?? keys?.current.epoch ?? 0
        var header = BatchHeader(
            kind: kind, totalBytes: totalBytes, keyEpoch: sealer?.epoch ?? newestEpoch,
            sender: own.address, receiver: peer, senderIncarnation: own.incarnation,
            receiverIncarnation: peerIdentity?.incarnation ?? .unknown, number: 0,
            acknowledged: received)
        header.newestEpoch = newestEpoch
        return header
    }
}
