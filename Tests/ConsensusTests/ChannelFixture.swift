// Two ends of a channel, and datagrams between them that the test holds in its hand.

import Wire

@testable import Consensus

typealias PlainChannel = Channel<IdentitySealer>

func identity(_ node: UInt64, start: UInt64 = 1, engine: UInt16 = 0) -> ChannelIdentity {
    ChannelIdentity(
        address: EngineAddress(node: NodeID(rawValue: node), engine: engine),
        incarnation: Incarnation(counter: start, random: 1000 * node + start),
        greeting: Greeting(nonce: 77 * node + start, engineCount: 4))
}

/// A message that carries a number.
func message(_ number: Int) -> PeerMessage {
    .loanClosed(
        LoanClosed(
            id: LoanID(
                group: 1, bucket: BucketIndex(0),
                ballot: Ballot(generation: 1, number: 1, proposer: NodeID(rawValue: 1)), term: 1,
                counter: UInt64(number + 1)), use: .used))
}

/// The number in it.
func number(of message: PeerMessage) -> Int? {
    guard case .loanClosed(let closed) = message else { return nil }
    return Int(closed.id.counter) - 1
}

/// One end, held by reference.
final class End {
    var channel: PlainChannel
    var events: [ChannelEvent] = []

    init(
        _ own: ChannelIdentity, to peer: ChannelIdentity,
        settings: ChannelSettings = ChannelSettings()
    ) {
        channel = PlainChannel(own: own, peer: peer.address, settings: settings) { _, _ in
            IdentitySealer()
        }
    }

    var isOpen: Bool { channel.isOpen }
    var outstanding: Int { channel.outstandingBatches }
    var counters: ChannelCounters { channel.counters }
    var peer: ChannelIdentity? { channel.peerIdentity }
    var wakeAt: Tick? { channel.wakeAt }

    func open() { channel.open() }
    func tick(_ now: Tick) { channel.tick(now) }

    @discardableResult
    func enqueue(_ value: Int) -> Bool { channel.enqueue(message(value)) }

    /// All that it has to send now.
    func drain(at now: Tick) -> [[UInt8]] {
        var datagrams: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0xEE, count: channel.settings.maximumBatchBytes)
        while true {
            var span = buffer.mutableRawSpan
            guard let length = channel.poll(at: now, into: &span) else { return datagrams }
            datagrams.append(Array(buffer[..<length]))
            channel.checkInvariants()
        }
    }

    /// Takes a datagram; the outcome, and the numbers of its messages.
    @discardableResult
    func take(_ datagram: [UInt8], at now: Tick) -> (outcome: BatchOutcome, values: [Int]) {
        var bytes = datagram
        var span = bytes.mutableRawSpan
        let outcome = channel.handle(&span, at: now)
        channel.checkInvariants()
        if let event = channel.pollEvent() { events.append(event) }
        guard case .messages(let range) = outcome else { return (outcome, []) }
        return (outcome, numbers(in: Array(bytes[range])))
    }

    /// Why a datagram is refused; nil if it isn't.
    func refusal(_ datagram: [UInt8], at now: Tick) -> BatchRefusal? {
        guard case .refused(let reason) = take(datagram, at: now).outcome else { return nil }
        return reason
    }
}

/// The numbers in a batch's contents.
private func numbers(in contents: [UInt8]) -> [Int] {
    var values: [Int] = []
    var offset = 0
    while offset < contents.count {
        guard let (message, next) = try? PeerMessage.parse(contents.rawSpan, at: offset) else {
            return values
        }
        if let message, let value = number(of: message) { values.append(value) }
        offset = next
    }
    return values
}

/// Two ends.
struct Ends {
    let left: End
    let right: End

    init(left: End, right: End) {
        self.left = left
        self.right = right
    }

    /// Ends that haven't greeted.
    init(strangers settings: ChannelSettings) {
        left = End(identity(1), to: identity(2), settings: settings)
        right = End(identity(2), to: identity(1), settings: settings)
    }

    /// Ends that have greeted.
    init(_ settings: ChannelSettings = ChannelSettings(), at now: Tick) {
        self.init(strangers: settings)
        left.open()
        settle(at: now)
    }

    /// Carries everything both ways until nobody has anything to say. What each took.
    @discardableResult
    func settle(at now: Tick) -> (left: [Int], right: [Int]) {
        var taken: (left: [Int], right: [Int]) = ([], [])
        while true {
            let toRight = left.drain(at: now)
            for datagram in toRight { taken.right += right.take(datagram, at: now).values }
            let toLeft = right.drain(at: now)
            for datagram in toLeft { taken.left += left.take(datagram, at: now).values }
            if toRight.isEmpty && toLeft.isEmpty { return taken }
        }
    }
}
