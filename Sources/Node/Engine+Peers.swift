// The engine's side of the channels to other engines: batches in, batches out, and which bucket's
// leader is at the other end of which.

import Configuration
import Consensus
import Steering
import Translation
import Wire

extension Engine {
    /// Whether a datagram is a batch of a peer, by its first byte.
    func isBatch(_ packet: Packet) -> Bool {
        packet.length > 0 && frames.bytes(of: packet).uint8(at: 0) == BatchHeader.firstByte
    }

    /// Takes a peer's batch.
    mutating func receiveBatch(_ packet: Packet, at now: Tick) {
        counters.batchesIn += 1
        let table = translator.resources
        let known = table.sender(packet.remote)
        let taken = Self.take(packet, &frames, &channels, now) { node in
            guard case .node(let index) = known else { return false }
            return table.snapshot.nodes[index].id == node
        }
        settleEvents(now)
        if let channel = taken.channel, case .messages(let range) = taken.outcome {
            readMessages(packet, range, from: channel, now)
        }
        frames.give(packet.frame)
    }

    // Of two parts of the engine at once, so that neither is the whole.
    private static func take(
        _ packet: Packet, _ frames: inout FramePool,
        _ channels: inout ChannelSet<IdentitySealer>, _ now: Tick, isKnown: (NodeID) -> Bool
    ) -> (channel: Int?, outcome: BatchOutcome) {
        var bytes = frames.mutableBytes(of: packet)
        return channels.handle(&bytes, at: now, isKnown: isKnown)
    }

    private static func poll(
        into frame: UInt32, _ frames: inout FramePool,
        _ channels: inout ChannelSet<IdentitySealer>, _ now: Tick
    ) -> (peer: EngineAddress, length: Int)? {
        var bytes = frames.mutableBytes(
            frame, start: frames.headroomBytes, count: ChannelSettings.datagramBytes)
        return channels.poll(at: now, into: &bytes)
    }

    private mutating func readMessages(
        _ packet: Packet, _ range: Range<Int>, from channel: Int, _ now: Tick
    ) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            // The channel has checked them all.
            guard let (message, next) = message(in: packet, offset, range.upperBound) else {
                return
            }
            if let message { loans.handle(message, from: channel, at: now) }
            offset = next
        }
    }

    private func message(
        in packet: Packet, _ offset: Int, _ end: Int
    ) -> (message: PeerMessage?, next: Int)? {
        let contents = frames.bytes(packet.frame, start: Int(packet.start), count: end)
        return try? PeerMessage.parse(contents, at: offset)
    }

    private mutating func settleEvents(_ now: Tick) {
        while let (channel, event) = channels.pollEvent() {
            switch event {
            case .opened: setRoutes(now)
            case .restarted:
                setRoutes(now)
                loans.peerRestarted(channel, at: now)
            }
        }
    }

    /// Opens channels to the engines of all nodes that share a group with this one, and tells the
    /// loans who leads which bucket.
    mutating func setRoutes(_ now: Tick) {
        let table = translator.resources
        guard let ownIndex else { return }
        for group in table.snapshot.groups where group.members.contains(settings.node) {
            for bucket in 0..<table.portSets.bucketCount {
                let index = BucketIndex(bucket)
                guard let slot = table.groupSlot(of: group.id) else { continue }
                let leader = table.leader(group: slot, bucket: index)
                _ = loans.setRoute(
                    group: group.id, bucket: index,
                    to: route(leader, bucket, isOwn: leader == ownIndex))
            }
        }
        loans.routesChanged(at: now)
    }

    private mutating func route(_ leader: Int, _ bucket: Int, isOwn: Bool) -> LoanRoute {
        if isOwn, bucket % settings.engineCount == settings.index { return .here }
        let node = translator.resources.snapshot.nodes[leader].id
        var engine = isOwn ? bucket % settings.engineCount : 0
        if !isOwn {
            guard let first = channel(to: EngineAddress(node: node, engine: 0)) else {
                return .nobody
            }
            // The number of its engines comes with its greeting.
            guard let identity = channels.with(first, { $0.peerIdentity }) else { return .nobody }
            engine = bucket % Int(identity.greeting.engineCount)
        }
        let address = EngineAddress(node: node, engine: UInt16(engine))
        guard let number = channel(to: address) else { return .nobody }
        return .peer(number, isOwnNode: isOwn)
    }

    private mutating func channel(to address: EngineAddress) -> Int? {
        guard let number = channels.channel(to: address) else { return nil }
        channels.with(number) { if !$0.isOpen { $0.open() } }
        return number
    }

    /// Outer address of the node at the other end of a channel.
    mutating func peerAddress(_ channel: Int) -> IPAddress? {
        let node = channels.with(channel) { $0.peer.node }
        let table = translator.resources
        return table.snapshot.nodes.firstIndex { $0.id == node }.map { table.nodeAddresses[$0] }
    }

    /// Puts all that the channels have to send into frames of their own.
    mutating func sendBatches(_ now: Tick) {
        while frames.freeCount > settings.frameCount / 8, let frame = frames.take() {
            guard let (peer, length) = Self.poll(into: frame, &frames, &channels, now) else {
                frames.give(frame)
                return
            }
            let nodes = translator.resources.snapshot.nodes
            guard let node = nodes.firstIndex(where: { $0.id == peer.node }) else {
                // It left the cluster.
                frames.give(frame)
                continue
            }
            counters.batchesOut += 1
            outgoing.append(
                Packet(
                    frame: frame, start: UInt16(frames.headroomBytes), length: UInt16(length),
                    remote: translator.resources.nodeAddresses[node]))
        }
    }
}
