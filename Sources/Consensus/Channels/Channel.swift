// The ordered stream of batches between two engines. It belongs to one pair of incarnations: every
// batch is processed once and in order, or refused by name; what isn't acknowledged is sent again, as
// the bytes first sent; a new start of the peer ends the stream. DESIGN part 5, rule 2 and "Channels".

public import Wire

/// One end of a channel.
///
/// - Getters: `counters`, `isOpen`, `peerIdentity`, `lastHeard`, `hasOutput`, `wakeAt`.
/// - Inputs: `handle(_:at:)` (a datagram), `tick(_:)` (at `wakeAt`, or every few milliseconds).
/// - Commands: `open()`, `adopt(_:)`, `enqueue(_:)`.
/// - Outputs: the messages of what `handle` took, to be processed before the next `poll`; then
///   `pollEvent()`, before anything is enqueued for what came; then `poll(at:into:)` until it is
///   nil, once a turn: it closes the batch that the turn filled.
///
/// Order of obligations: the owner processes a batch's messages in the turn in which it came, because
/// the next `poll` acknowledges it.
///
/// Memory: `windowBatches` times `maximumBatchBytes`, reserved at `init`; nothing is allocated later,
/// but by the sealer at a greeting, and `maximumBatchBytes` with the first compressed batch.
public struct Channel<Sealer: BatchSealer & ~Copyable>: ~Copyable {
    public let own: ChannelIdentity
    public let peer: EngineAddress
    public let settings: ChannelSettings
    public internal(set) var counters = ChannelCounters()
    /// The peer as it last greeted; nil before.
    public internal(set) var peerIdentity: ChannelIdentity?
    /// Whether the peer has shown that it knows this end's incarnation. A hello alone doesn't show it.
    public internal(set) var isKnownToPeer = false
    /// When a batch of the peer's present incarnation last came.
    public internal(set) var lastHeard: Tick?

    var window: SendWindow
    var timer: ResendTimer
    var greeting: GreetingTimer
    /// Last number that was sealed.
    var number: UInt64 = 0
    /// Last batch of the peer's stream that was taken.
    var received: UInt64 = 0
    var owesAcknowledgement = false
    var sawGap = false
    /// Batches that may be sent again after a second timeout: one, until the peer is heard.
    var probes: Int?
    var event: ChannelEvent?
    let makeSealer: (ChannelIdentity, ChannelIdentity) -> Sealer
    var sealer: Sealer?
    /// Whether the peer's greeting says that it expands what is compressed.
    var peerExpands = false
    /// What the last batch that came compressed says.
    var expanded: [UInt8] = []
    /// What sealers are given; nil where nothing is sealed.
    var keys: ChannelKeys?

    /// - Parameters:
    ///   - makeSealer: makes the sealer of a stream out of its own and the other end.
    public init(
        own: ChannelIdentity, peer: EngineAddress, settings: ChannelSettings = ChannelSettings(),
        keys: ChannelKeys? = nil,
        makeSealer: @escaping (ChannelIdentity, ChannelIdentity) -> Sealer
    ) {
        precondition(own.address != peer, "a channel has two ends")
        self.own = own
        self.peer = peer
        self.settings = settings
        self.keys = keys
        self.makeSealer = makeSealer
        window = SendWindow(
            capacity: settings.windowBatches, slotBytes: settings.maximumBatchBytes)
        timer = ResendTimer(settings)
        greeting = GreetingTimer(settings)
        sealer = nil
    }

    /// Whether the peer's incarnation is known, so that messages can leave.
    public var isOpen: Bool { peerIdentity != nil }

    /// Batches sent and not acknowledged.
    public var outstandingBatches: Int { window.outstanding }
    /// Smoothed round trip, nanoseconds; 0 before the first was measured.
    public var roundTripNanoseconds: UInt64 { timer.smoothed }

    /// Takes the configuration's keys, for this stream and for those after it. Stream and numbering
    /// go on. Allocates.
    public mutating func adopt(_ keys: ChannelKeys) {
        guard keys != self.keys else { return }
        self.keys = keys
        sealer?.adopt(keys, peerEpoch: nil)
    }

    /// Greets the peer until it knows this end, whether or not there is anything to say.
    public mutating func open() { greeting.isWanted = true }

    /// Whether to greet: before the peer is known, and as long as the owner wants it to know this end.
    var mustGreet: Bool {
        greeting.isAsked || greeting.isWanted && !isKnownToPeer
            || peerIdentity == nil && !window.isEmpty
    }

    /// Adds a message to the turn's batch. False, counted, if the window is full: `channelFull`.
    /// Before the channel is open the message waits for whichever incarnation greets first.
    public mutating func enqueue(_ message: PeerMessage) -> Bool {
        guard window.append(message) else {
            counters.channelFull += 1
            return false
        }
        counters.messagesSent += 1
        return true
    }

    /// What happened to the stream since the last call.
    public mutating func pollEvent() -> ChannelEvent? {
        defer { event = nil }
        return event
    }

    /// What must hold between calls.
    public func checkInvariants() {
        window.checkInvariants()
        precondition(peerIdentity != nil || window.outstanding == 0, "sent to nobody")
        precondition(peerIdentity != nil || received == 0, "taken from nobody")
        precondition(peerIdentity != nil || !isKnownToPeer)
        precondition(peerIdentity?.address ?? peer == peer)
        precondition(window.outstanding == 0 || timer.deadline != nil, "nobody waits for it")
    }
}

/// News about a stream, for the channel's owner.
public enum ChannelEvent: Hashable, Sendable, BitwiseCopyable {
    /// The first stream begins.
    case opened(Incarnation)
    /// The peer began anew: what it held in memory is gone, and so is all that wasn't acknowledged.
    case restarted(from: Incarnation, to: Incarnation)
}

/// What became of a datagram.
public enum BatchOutcome: Hashable, Sendable {
    /// Messages fill these bytes of the datagram, checked and opened: process them now.
    case messages(Range<Int>)
    /// The same of the channel's `expanded`, from the front on: the batch came compressed.
    case expanded(Int)
    case acknowledgement
    case greeting
    case refused(BatchRefusal)
}
