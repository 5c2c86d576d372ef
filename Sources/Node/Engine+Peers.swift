// The engine's side of the channels to other engines: batches in, batches out.

import Configuration
import Consensus
import Tables
import Translation
import Wire

extension Engine {
    /// Whether a datagram is no packet: a batch of a peer, or what routers and edges are told of views
    /// and ask for. All have the same first byte.
    func isControl(_ packet: Packet) -> Bool {
        packet.length > 0 && frames.bytes(of: packet).uint8(at: 0) == BatchHeader.firstByte
    }

    /// Brings what the engine and its exchange know of each other up to date. Once a turn.
    mutating func consult(_ now: Tick) {
        if groupsAreStale {
            let cluster = translator.resources.snapshot.cluster
            if let keys = cluster.keys { exchange.adopt(keys) }
            exchange.setQuiet(
                nanoseconds: UInt64(cluster.quietSeconds) * 1_000_000_000,
                afterLossNanoseconds: UInt64(cluster.lossQuietSeconds) * 1_000_000_000)
            joinGroups(now)
        }
        endRest(now)
    }

    /// Takes part in the groups that the configuration names.
    mutating func joinGroups(_ now: Tick) {
        groupsAreStale = false
        exchange.version = translator.resources.snapshot.version
        exchange.apply(
            translator.resources.snapshot.groups, slots: translator.resources.groupIDs, at: now)
        holdingsAreStale = true
        replicate(now)
    }

    /// Takes a peer's batch.
    mutating func receiveBatch(_ packet: Packet, at now: Tick) {
        counters.batchesIn += 1
        var node: NodeID?
        if case .node(let index) = translator.resources.sender(packet.remote) {
            node = translator.resources.snapshot.nodes[index].id
        }
        Self.take(packet, &frames, &exchange, from: node, now)
        frames.give(packet.frame)
    }

    // Of two parts of the engine at once, so that neither is the whole.
    private static func take(
        _ packet: Packet, _ frames: inout FramePool,
        _ exchange: inout PeerExchange, from node: NodeID?, _ now: Tick
    ) {
        var bytes = frames.mutableBytes(of: packet)
        _ = exchange.handle(&bytes, from: node, at: now)
    }

    private static func poll(
        into frame: UInt32, _ frames: inout FramePool,
        _ exchange: inout PeerExchange, _ now: Tick
    ) -> (peer: EngineAddress, length: Int)? {
        var bytes = frames.mutableBytes(
            frame, start: frames.headroomBytes, count: ChannelSettings.datagramBytes)
        return exchange.poll(at: now, into: &bytes)
    }

    /// Outer address of a node; nil if it left the cluster.
    func address(of node: NodeID) -> IPAddress? {
        let table = translator.resources
        return table.snapshot.nodes.firstIndex { $0.id == node }.map { table.nodeAddresses[$0] }
    }

    /// Puts all that the channels have to send into frames of their own.
    mutating func sendBatches(_ now: Tick) {
        while frames.freeCount > settings.frameCount / 8, let frame = frames.take() {
            guard let (peer, length) = Self.poll(into: frame, &frames, &exchange, now) else {
                frames.give(frame)
                return
            }
            guard let address = address(of: peer.node) else {
                frames.give(frame)
                continue
            }
            counters.batchesOut += 1
            outgoing.append(
                Packet(
                    frame: frame, start: UInt16(frames.headroomBytes), length: UInt16(length),
                    remote: address))
        }
    }
}
