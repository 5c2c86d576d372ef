// An engine's channels, one for each engine of its peers. Made when first needed, kept while the node
// runs: a channel that were made again would number its batches from one under the same incarnation.

import Tables
public import Wire

/// Fixed-capacity set of channels, named by small numbers that never change.
///
/// The order of calls is that of `Channel`; `poll`, `pollEvent` and `tick` go over all of them.
///
/// Memory: a pointer a channel, and for each channel made its window.
@safe
public struct ChannelSet<Sealer: BatchSealer & ~Copyable>: ~Copyable {
    public let own: ChannelIdentity
    public let capacity: Int
    let settings: ChannelSettings
    let makeSealer: (ChannelIdentity, ChannelIdentity) -> Sealer
    public private(set) var count = 0
    /// Datagrams that no channel took.
    public internal(set) var counters = ChannelCounters()
    private var numbers: IdentifierMap
    // Proof for every `unsafe` use: there is room for `capacity`, and the first `count` are
    // initialized; they stay where they are until `deinit`.
    private let channels: UnsafeMutablePointer<Channel<Sealer>>
    /// Channels that may have something to send, each once: `busy` says which stand in it.
    private var queue: [Int] = []
    private var isQueued: [Bool]
    /// The configuration's; channels before `keyed` have them.
    private var keys: ChannelKeys?
    private var keyed = 0

    public init(
        own: ChannelIdentity, capacity: Int, settings: ChannelSettings = ChannelSettings(),
        makeSealer: @escaping (ChannelIdentity, ChannelIdentity) -> Sealer
    ) {
        precondition(capacity > 0)
        self.own = own
        self.capacity = capacity
        self.settings = settings
        self.makeSealer = makeSealer
        numbers = IdentifierMap(capacity: capacity, seed: own.greeting.nonce)
        unsafe channels = .allocate(capacity: capacity)
        isQueued = Array(repeating: false, count: capacity)
        queue.reserveCapacity(capacity)
    }

    deinit {
        unsafe channels.deinitialize(count: count)
        unsafe channels.deallocate()
    }

    /// The channel to an engine, made if need be: allocates then. Nil, counted, if there is no room.
    public mutating func channel(to peer: EngineAddress) -> Int? {
        let name = Self.name(of: peer)
        if let number = numbers[name] {
            return unsafe channels[Int(number)].peer == peer ? Int(number) : nil
        }
        guard count < capacity, numbers.set(name, to: UInt32(count)) else {
            counters.countRefusal(BatchRefusal(.channelTableFull))
            return nil
        }
        unsafe (channels + count).initialize(
            to: Channel(
                own: own, peer: peer, settings: settings, keys: keys, makeSealer: makeSealer))
        count += 1
        return count - 1
    }

    /// Takes the configuration's keys: new channels at once, the others a few in each `tick`, since
    /// each derives two; until then their peers speak to them in the epoch before.
    public mutating func adopt(_ keys: ChannelKeys) {
        guard keys != self.keys else { return }
        self.keys = keys
        keyed = 0
    }

    fileprivate mutating func keyChannels() {
        guard let keys else { return }
        for _ in 0..<4 where keyed < count {
            unsafe channels[keyed].adopt(keys)
            keyed += 1
        }
    }

    /// Reads or changes one channel; afterwards it is asked for output.
    public mutating func with<Result>(
        _ number: Int, _ body: (inout Channel<Sealer>) -> Result
    ) -> Result {
        precondition(number >= 0 && number < count)
        enqueue(number)
        return unsafe body(&channels[number])
    }

    private mutating func enqueue(_ number: Int) {
        guard !isQueued[number] else { return }
        isQueued[number] = true
        queue.append(number)
    }

    /// Nodes have 48 and more random bits; engines are few.
    private static func name(of peer: EngineAddress) -> UInt64 {
        peer.node.rawValue ^ UInt64(peer.engine) &* 0x9E37_79B9_7F4A_7C15
    }
}

extension ChannelSet where Sealer: ~Copyable {
    /// Takes one datagram; which channel took it, and what became of it.
    ///
    /// - Parameter isKnown: whether a node may be a peer: whether the snapshot names it.
    public mutating func handle(
        _ bytes: inout MutableRawSpan, at now: Tick, isKnown: (NodeID) -> Bool
    ) -> (channel: Int?, outcome: BatchOutcome) {
        let header: BatchHeader
        do throws(BatchError) {
            header = try BatchHeader.parse(bytes.bytes)
        } catch {
            return (nil, refuse(BatchRefusal(error)))
        }
        guard header.receiver == own.address, header.sender != own.address else {
            return (nil, refuse(BatchRefusal(.foreign)))
        }
        guard isKnown(header.sender.node) else {
            return (nil, refuse(BatchRefusal(.unknownPeer)))
        }
        guard let number = channel(to: header.sender) else {
            return (nil, .refused(BatchRefusal(.channelTableFull)))
        }
        enqueue(number)
        return (number, unsafe channels[number].handle(&bytes, at: now))
    }

    private mutating func refuse(_ reason: BatchRefusal) -> BatchOutcome {
        counters.countRefusal(reason)
        return .refused(reason)
    }

    /// Adds a message to the turn's batch of a channel. False, counted there, if it is full.
    public mutating func enqueue(_ message: PeerMessage, to number: Int) -> Bool {
        with(number) { $0.enqueue(message) }
    }

    /// Whether every peer that there is a channel to knows this start. Linear.
    public var areAllKnown: Bool {
        for number in 0..<count where unsafe !channels[number].isKnownToPeer { return false }
        return true
    }

    /// The next event, of any channel that something came for. To be drained before messages are
    /// enqueued for what came.
    public mutating func pollEvent() -> (channel: Int, event: ChannelEvent)? {
        for number in queue {
            if let event = unsafe channels[number].pollEvent() { return (number, event) }
        }
        return nil
    }

    /// The next datagram to send, to `peer`. Nil if there is none.
    public mutating func poll(
        at now: Tick, into datagram: inout MutableRawSpan
    ) -> (peer: EngineAddress, length: Int)? {
        while let number = queue.last {
            if let length = unsafe channels[number].poll(at: now, into: &datagram) {
                return unsafe (channels[number].peer, length)
            }
            queue.removeLast()
            isQueued[number] = false
        }
        return nil
    }

    /// Sends again what is due. Linear in the number of channels.
    public mutating func tick(_ now: Tick) {
        keyChannels()
        for number in 0..<count {
            unsafe channels[number].tick(now)
            if unsafe channels[number].hasOutput(at: now) { enqueue(number) }
        }
    }

    /// When `tick` has something to do next, if nothing comes before. Linear.
    public var wakeAt: Tick? {
        var earliest: Tick?
        for number in 0..<count {
            guard let wake = unsafe channels[number].wakeAt else { continue }
            earliest = earliest.map { min($0, wake) } ?? wake
        }
        return earliest
    }

    /// What must hold between calls.
    public func checkInvariants() {
        for number in 0..<count { unsafe channels[number].checkInvariants() }
        precondition(Set(queue).count == queue.count, "a channel is queued twice")
    }
}
