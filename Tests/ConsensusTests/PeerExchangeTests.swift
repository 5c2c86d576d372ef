// An engine and its peers: which engine leads a bucket is known from the configuration and from the
// peer's greeting, and nobody speaks for a node but from its address.

import Configuration
import Testing
import Wire

@testable import Consensus

private let start = Tick.seconds(100)

/// An exchange, held by reference.
private final class Party {
    var exchange: PeerExchange

    init(node: UInt64, engines: UInt16, start: UInt64 = 1) {
        let own = ChannelIdentity(
            address: EngineAddress(node: NodeID(rawValue: node), engine: 0),
            incarnation: Incarnation(counter: start, random: start),
            greeting: Greeting(nonce: 1, engineCount: engines))
        let settings = LoanSettings(
            bucketCount: 8, groupCapacity: 2, peerCapacity: 8, tenantCapacity: 2,
            heldCapacity: 16, lentCapacity: 16, waiterCapacity: 16, searchCapacity: 8,
            scarceCapacity: 8)
        exchange = PeerExchange(own: own, settings: settings, seed: 1) { _, _ in
            SealerBox(IdentitySealer())
        }
    }

    func apply(_ leaders: [UInt8]) {
        let members = [NodeID(rawValue: 1), NodeID(rawValue: 2)]
        exchange.apply([GroupEntry(id: 9, members: members, leaders: leaders)], at: start)
        while let event = exchange.replica.pollEvent() {
            exchange.note(event, at: start)
            if case .committed(_, let slot) = event { exchange.replica.release(slot) }
        }
    }

    func drain(at now: Tick = start) -> [(peer: EngineAddress, bytes: [UInt8])] {
        var sent: [(peer: EngineAddress, bytes: [UInt8])] = []
        var buffer = [UInt8](repeating: 0, count: 1472)
        while true {
            var span = buffer.mutableRawSpan
            guard let (peer, length) = exchange.poll(at: now, into: &span) else { return sent }
            sent.append((peer, Array(buffer[..<length])))
        }
    }

    func take(_ datagram: [UInt8], from node: UInt64?) -> BatchOutcome {
        var bytes = datagram
        var span = bytes.mutableRawSpan
        return exchange.handle(
            &span, from: node.map { NodeID(rawValue: $0) }, at: start)
    }

    func request(_ bucket: Int) -> LoanAnswer {
        exchange.loans.request(
            toward: destination(bucket), group: 9, tenant: 0, token: 1, at: start)
    }

    func route(_ bucket: Int) -> LoanRoute {
        exchange.loans.routes.route(of: 9, BucketIndex(bucket))
    }
}

struct PeerExchangeTests {
    private let leaders: [UInt8] = [0, 1, 1, 1, 1, 1, 1, 1]

    @Test func `a bucket's engine is known once its node has greeted`() {
        let (one, two) = (Party(node: 1, engines: 1), Party(node: 2, engines: 3))
        one.apply(leaders)
        #expect(one.route(0) == .here && one.route(1) == .nobody)
        #expect(one.request(0) == .waiting)
        #expect(one.exchange.loans.pollOutcome()?.result == .refused(.noLender))
        let hello = one.drain()
        #expect(hello.map(\.peer) == [EngineAddress(node: NodeID(rawValue: 2), engine: 0)])
        #expect(two.take(hello[0].bytes, from: 1) == .greeting)
        #expect(one.take(two.drain()[0].bytes, from: 2) == .greeting)
        // Engines 0, 1 and 2 of node 2 now have a channel each.
        #expect(one.drain().count == 2)
        let peers = (1...6).map { one.route($0) }
        #expect(Set(peers).count == 3 && peers[0] == peers[3] && peers[1] == peers[4])
        #expect(one.request(0) == .waiting)
        one.exchange.checkInvariants()
    }

    @Test func `engines of the own node are peers`() {
        let one = Party(node: 1, engines: 2)
        one.apply([0, 0, 0, 0, 0, 0, 0, 0])
        #expect(one.route(0) == .here && one.route(2) == .here)
        #expect(one.route(1) == .peer(0, isOwnNode: true))
        #expect(one.drain().map(\.peer.engine) == [1])
    }

    @Test func `nobody speaks for a node but from its address`() {
        let (one, two) = (Party(node: 1, engines: 1), Party(node: 2, engines: 1))
        one.apply(leaders)
        let hello = one.drain()[0].bytes
        #expect(two.take(hello, from: 3) == .refused(BatchRefusal(.unknownPeer)))
        #expect(two.take(hello, from: nil) == .refused(BatchRefusal(.unknownPeer)))
        #expect(two.take(hello, from: 1) == .greeting)
    }

    @Test func `a group that goes takes its routes with it`() {
        let one = Party(node: 1, engines: 1)
        one.apply(leaders)
        #expect(one.route(0) == .here)
        one.exchange.apply([], at: start)
        #expect(one.route(0) == .nobody)
        #expect(one.request(0) == .waiting)
        #expect(one.exchange.loans.pollOutcome()?.result == .refused(.noLender))
    }
}
