// "There is no such flow" leaves only when a follower has confirmed, since the packet came, that whoever
// says it leads still. DESIGN part 5, rule 11.

import Configuration
import Consensus
import Node
import Testing
import Translation
import Wire

struct DenialTests {
    private let server: Endpoint = "198.51.100.1:80"

    private func segment(_ port: Int, _ flags: TCPFlags = .ack) -> InnerPacket {
        .tcp("10.0.0.5:\(port)".endpoint, to: server, flags)
    }

    private func cluster() -> ReplicatedCluster {
        let cluster = ReplicatedCluster(nodes: 3)
        cluster.pass(milliseconds: 1500)
        return cluster
    }

    @Test func `a reset for an unknown flow waits for a follower's word`() throws {
        let cluster = cluster()
        let datagram = cluster.world.outbound(segment(4000))
        let leader = try #require(cluster.leader(of: datagram.overlay.bucket))
        let node = cluster.nodes[leader]!
        _ = node.send(datagram)
        #expect(node.told.isEmpty, "nobody has confirmed it")
        #expect(node.engine.unconfirmedCount == 1)
        cluster.pass(milliseconds: 5)
        #expect(node.told.count == 1 && node.told[0].summary.tcpFlags.contains(.rst))
        #expect(node.engine.unconfirmedCount == 0 && node.engine.counters.answersMade == 1)
        cluster.checkInvariants()
    }

    @Test func `one entry confirms all denials of a bucket in a turn`() throws {
        let cluster = cluster()
        var byBucket: [UInt16: [Datagram]] = [:]
        for port in 4000..<9000 {
            let datagram = cluster.world.outbound(segment(port))
            byBucket[datagram.overlay.bucket.rawValue, default: []].append(datagram)
        }
        let (bucket, datagrams) = try #require(byBucket.max { $0.value.count < $1.value.count })
        let leader = try #require(cluster.leader(of: BucketIndex(rawValue: bucket)))
        let node = cluster.nodes[leader]!
        let before = node.engine.exchange.replica.counters.entriesAppended
        _ = node.send(Array(datagrams.prefix(30)))
        _ = node.send(Array(datagrams.dropFirst(30).prefix(30)))
        #expect(node.engine.exchange.replica.counters.entriesAppended == before + 1)
        cluster.pass(milliseconds: 5)
        #expect(node.told.count == 60)
        // Those of the second turn came after the first entry had been sent.
        #expect(node.engine.exchange.replica.counters.entriesAppended == before + 2)
    }

    @Test func `a leader that was replaced denies nothing that its successor decided`() throws {
        let cluster = cluster()
        let opening = cluster.world.outbound(segment(4000, .syn))
        let old = try #require(cluster.leader(of: opening.overlay.bucket))
        let node = cluster.nodes[old]!
        cluster.deaf = [old]
        cluster.mute = [old]
        cluster.pass(milliseconds: 20)
        // It has its lease still, and is asked about a flow that it doesn't know.
        _ = cluster.send(cluster.world.outbound(segment(4000)), to: old)
        cluster.pass(milliseconds: 250)
        // Others lead by now, and the flow begins there.
        let others = cluster.nodes.indices.filter { $0 != old }
        let leader = cluster.nodes[others[0]]!.engine.exchange.replica.leader(
            group: 0, opening.overlay.bucket)
        let successor = try #require(leader.map { Int($0.node.rawValue) - 1 })
        #expect(successor != old)
        let begun = cluster.send(opening, to: successor) + cluster.pass(milliseconds: 5)
        #expect(begun.count == 1)
        _ = cluster.send(cluster.world.outbound(segment(4000)), to: old)
        cluster.pass(milliseconds: 1500)
        #expect(node.told.isEmpty)
        #expect(node.engine.counters.denialsDropped == 1)
        cluster.deaf = []
        cluster.mute = []
        cluster.pass(milliseconds: 2000)
        #expect(node.told.isEmpty && node.engine.unconfirmedCount == 0)
        #expect(node.engine.frames.freeCount + node.engine.parkedCount == node.engine.frames.count)
        cluster.checkInvariants()
    }

    @Test func `with one copy a denial leaves at once`() {
        let cluster = ReplicatedCluster(nodes: 1)
        cluster.pass(milliseconds: 50)
        let node = cluster.nodes[0]!
        _ = node.send(cluster.world.outbound(segment(4000)))
        #expect(node.told.count == 1)
    }

    @Test func `more denials than may wait are counted, and cost no frame`() throws {
        let cluster = cluster()
        let node = cluster.nodes[0]!
        var sent = 0
        var batch: [Datagram] = []
        for port in 1024..<UInt16.max where batch.count < 600 {
            let datagram = cluster.world.outbound(segment(Int(port)))
            if cluster.leader(of: datagram.overlay.bucket) == 0 { batch.append(datagram) }
        }
        for start in stride(from: 0, to: batch.count, by: 100) {
            _ = node.send(Array(batch[start..<min(start + 100, batch.count)]))
            sent += 100
        }
        #expect(node.engine.unconfirmedCount == 256)
        #expect(node.engine.counters.denialsDropped == UInt64(batch.count - 256))
        cluster.pass(milliseconds: 5)
        #expect(node.told.count == 256)
        #expect(node.engine.frames.freeCount == node.engine.frames.count)
    }
}
