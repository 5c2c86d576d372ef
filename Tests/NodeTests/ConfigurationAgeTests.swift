// Who leads by an older configuration than entries were made by forwards, and decides nothing until it
// has learned of it. DESIGN part 5, rule 20.

import Configuration
import Consensus
import Node
import Testing
import Translation
import Wire

struct ConfigurationAgeTests {
    private func client(_ port: UInt16) -> Endpoint { Endpoint(stringLiteral: "10.0.0.5:\(port)") }

    @Test func `a leader with an older configuration forwards but doesn't decide`() throws {
        let cluster = ReplicatedCluster(nodes: 3)
        cluster.pass(milliseconds: 1500)
        var newer = cluster.world
        newer.snapshot.version += 1
        let old = newer.outbound(.udp(client(4000), to: ReplicationTests.server))
        let first = try #require(cluster.leader(of: old.overlay.bucket))
        cluster.nodes[first]!.apply(newer)
        cluster.pass(milliseconds: 5)
        let translated = try #require(cluster.send(old, to: first).first).tuple
        cluster.pass(milliseconds: 20)
        cluster.kill(first)
        cluster.pass(milliseconds: 400)
        let second = try #require(cluster.leader(of: old.overlay.bucket))
        #expect(cluster.send(old, to: second).map(\.tuple) == [translated])
        // Of the same bucket, another flow.
        let new = try #require(
            (4001..<UInt16(6000)).lazy
                .map { newer.outbound(.udp(self.client($0), to: ReplicationTests.server)) }
                .first { $0.overlay.bucket == old.overlay.bucket })
        var sent = cluster.send(new, to: second)
        sent += cluster.pass(milliseconds: 200)
        #expect(sent.isEmpty, "it doesn't know what the one before it knew")
        cluster.nodes[second]!.apply(newer)
        #expect(cluster.pass(milliseconds: 20).count == 1)
        cluster.checkInvariants()
    }
}
