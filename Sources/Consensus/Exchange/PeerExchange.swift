// What one engine has to do with its peers: their channels, and the loans that go over them. It knows
// from the configuration who leads which bucket, and from the peers' greetings by which of their
// engines.

import Configuration
import Tables
public import Wire

/// The channels and loans of one engine, joined.
///
/// - Inputs: `handle(_:from:at:)` (a datagram whose first byte is `BatchHeader.firstByte`),
///   `tick(_:)`.
/// - Commands: `apply(_:at:)` and `adopt(_:)` (the configuration's groups and keys, between turns), and
///   those of `loans`.
/// - Outputs: those of `loans` but its dispatches; then, at a turn's end, `poll(at:into:)` until it is
///   nil.
///
/// `apply` allocates, and so does the first greeting of a peer; nothing else does.
public struct PeerExchange<Sealer: BatchSealer & ~Copyable>: ~Copyable {
    public let own: ChannelIdentity
    public var loans: Loans
    public var channels: ChannelSet<Sealer>
    /// Messages that a full channel lost; each is made good later.
    public internal(set) var messagesLost: UInt64 = 0

    /// The groups that this node is a member of.
    var groups: [GroupEntry] = []
    /// By node: how many engines it runs, as it greeted.
    var engineCounts: IdentifierMap
    /// What a peer greeted changed which engine leads.
    var areRoutesStale = false
    var startup = Startup()

    /// - Parameters:
    ///   - own: the greeting says how many engines this node runs.
    ///   - settings: `peerCapacity` is the number of channels.
    public init(
        own: ChannelIdentity, settings: LoanSettings = LoanSettings(),
        channelSettings: ChannelSettings = ChannelSettings(), seed: UInt64,
        makeSealer: @escaping (ChannelIdentity, ChannelIdentity) -> Sealer
    ) {
        self.own = own
        loans = Loans(
            settings, node: own.address.node, incarnation: own.incarnation, seed: seed)
        channels = ChannelSet(
            own: own, capacity: settings.peerCapacity, settings: channelSettings,
            makeSealer: makeSealer)
        engineCounts = IdentifierMap(capacity: settings.peerCapacity, seed: seed | 1)
    }

    /// Takes one datagram, opening it in place, and processes its messages.
    ///
    /// - Parameter node: whose address the outer source is, by the snapshot; nil if nobody's.
    public mutating func handle(
        _ bytes: inout MutableRawSpan, from node: NodeID?, at now: Tick
    ) -> BatchOutcome {
        let (channel, outcome) = channels.handle(&bytes, at: now) { $0 == node }
        // Before its messages: what the peer's earlier start had is void.
        takeEvents(at: now)
        if let channel, case .messages(let contents) = outcome {
            process(bytes.bytes.extracting(0..<contents.upperBound), contents, channel, now)
        }
        return outcome
    }

    /// Takes the configuration's keys for all channels. Between turns.
    public mutating func adopt(_ keys: ChannelKeys) { channels.adopt(keys) }

    private mutating func takeEvents(at now: Tick) {
        while let (channel, event) = channels.pollEvent() {
            learnEngineCount(channel)
            if case .restarted = event { loans.peerRestarted(channel, at: now) }
        }
        guard areRoutesStale else { return }
        setRoutes(at: now)
    }

    private mutating func process(
        _ bytes: RawSpan, _ contents: Range<Int>, _ channel: Int, _ now: Tick
    ) {
        var offset = contents.lowerBound
        // The channel checked that messages fill the contents.
        while offset < contents.upperBound,
            let (message, next) = try? PeerMessage.parse(bytes, at: offset)
        {
            if let message { loans.handle(message, from: channel, at: now) }
            offset = next
        }
    }

    /// The node at the other end of a channel.
    public mutating func node(of peer: Int) -> NodeID { channels.with(peer) { $0.peer.node } }

    /// Does what time makes due, in loans and channels. Every few milliseconds.
    public mutating func tick(_ now: Tick) {
        loans.tick(now)
        channels.tick(now)
    }

    /// The next datagram to send, to an engine of `peer`'s node. Nil if there is none.
    public mutating func poll(
        at now: Tick, into datagram: inout MutableRawSpan
    ) -> (peer: EngineAddress, length: Int)? {
        while let dispatch = loans.pollDispatch() {
            if !channels.enqueue(dispatch.message, to: dispatch.peer) { messagesLost += 1 }
        }
        return channels.poll(at: now, into: &datagram)
    }

    /// When `tick` has something to do next, if nothing comes before. Linear in the channels.
    public var wakeAt: Tick? {
        guard let loansAt = loans.wakeAt else { return channels.wakeAt }
        return channels.wakeAt.map { min($0, loansAt) } ?? loansAt
    }

    /// What must hold between calls.
    public func checkInvariants() {
        loans.checkInvariants()
        channels.checkInvariants()
        precondition(!areRoutesStale, "a greeting was not heard")
    }
}
