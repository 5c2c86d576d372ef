// What is remembered of refused flows, and what is said of ports on loan.

import Configuration
import Node
import Testing
import Translation
import Wire

struct RefusalTests {
    private static let server: Endpoint = "198.51.100.1:53"

    private func refusal(_ client: UInt32, at now: Tick) -> FlowRefusal {
        FlowRefusal(
            resource: World.acmeNAT, kind: .natGateway,
            client: .v4(IPv4Address(rawValue: client)), destination: Self.server.address,
            destinationPort: Self.server.port, ipProtocol: .udp,
            reason: DropReason(.portsExhausted), last: now)
    }

    @Test func `a refused flow is noted with its client, its destination and why`() throws {
        var world = World(bucketCount: 1, portRange: 1024...1039)
        world.snapshot.natGateways[0].eips.removeLast()
        let node = TestNode(world)
        for number in 0..<26 {
            let source = "10.0.0.\(5 + number % 2):\(5000 + number)".endpoint
            node.send(world.outbound(.udp(source, to: Self.server)))
        }
        // What begins no flow, or is the sender's own fault, is no refusal.
        node.send(world.outbound(.tcp("10.0.0.9:5000", to: Self.server, .ack)))
        let noted = node.engine.refusals.refusals.sorted { "\($0.client)" < "\($1.client)" }
        #expect(noted.map(\.client) == [IPAddress("10.0.0.5")!, IPAddress("10.0.0.6")!])
        #expect(noted.map(\.count) == [5, 5])
        let first = try #require(noted.first)
        #expect(first.resource == World.acmeNAT && first.kind == .natGateway)
        #expect(Endpoint(first.destination, first.destinationPort) == Self.server)
        #expect(first.reason == DropReason(.portsExhausted))
        #expect(first.last == node.now)
        #expect(node.engine.refusals.total == node.drops(.portsExhausted))
    }

    @Test func `the book holds the last, and a flood of one client's hides no other's`() {
        var book = RefusalBook(capacity: 64)
        var now = Tick.seconds(1)
        book.note(refusal(1, at: now))
        for _ in 0..<10_000 {
            now = now + 1
            book.note(refusal(2, at: now))
        }
        #expect(book.refusals.count == 2)
        #expect(book.refusals.map(\.count).max() == 10_000)
        for client in 10..<1000 as Range<UInt32> {
            now = now + 1
            book.note(refusal(client, at: now))
            #expect(book.refusals.contains { $0.last == now }, "the newest is missing")
        }
        #expect(book.refusals.count <= 64)
        #expect(book.refusals.count > 48)
        #expect(book.total == 10_991)
        let ages = book.refusals.map { now - $0.last }
        #expect(ages.allSatisfy { $0 < 300 }, "something old stayed")
    }

    @Test func `an inbound packet to a port on loan is explained by who borrowed it`() throws {
        var world = World(bucketCount: 4, portRange: 2000...2015, leaders: .alternating)
        world.snapshot.natGateways[0].eips.removeLast()
        let cluster = TestCluster(world)
        for number in 0..<16 {
            let source = "10.0.0.5:\(4000 + number)".endpoint
            let out = try #require(
                cluster.send(world.outbound(.udp(source, to: Self.server))).first)
            let back = world.answer(out)
            let leader = Int(back.overlay.bucket.rawValue) % 2
            let said = cluster.nodes[leader].engine.explain(back.bytes.rawSpan, from: back.machine)
            guard out.overlay.bucket != back.overlay.bucket else {
                #expect(!said.why.joined().contains("on loan"))
                continue
            }
            let isHere = Int(out.overlay.bucket.rawValue) % 2 == leader
            let port = out.tuple.sourcePort.rawValue
            let loan = "port \(port) of bucket \(back.overlay.bucket.rawValue) is on loan to "
            let borrower = "bucket \(out.overlay.bucket.rawValue), "
            let place = isHere ? "of the same engine" : "led by node\(2 - leader)"
            #expect(said.why.joined(separator: "; ").contains(loan + borrower + place))
            guard case .forward(let tuple, let machine, _) = said.outcome else {
                Issue.record("\(said)")
                continue
            }
            #expect(machine == (isHere ? World.host1 : TestCluster.addresses[1 - leader]))
            #expect((tuple == back.tuple) == !isHere)
        }
        let reports = cluster.nodes.map { $0.engine.loanReport() }
        let other = LoanReport.Lender.otherNode.rawValue
        #expect(reports.reduce(0) { $0 + $1.taken[other] } > 0)
        let taken = reports.reduce(0) { $0 + $1.taken.reduce(0, +) }
        #expect(taken == reports.reduce(0) { $0 + $1.given })
        #expect(taken == reports.reduce(0) { $0 + $1.lentNow })
        #expect(reports.allSatisfy { $0.held.reduce(0, +) == $0.taken.reduce(0, +) })
    }

    @Test func `batches are counted on both sides`() {
        let cluster = TestCluster(World(bucketCount: 4, leaders: .alternating))
        let reports = cluster.nodes.map { $0.engine.batchReport() }
        #expect(reports.allSatisfy { $0.greetings > 0 && $0.channels == 1 })
        #expect(reports[0].sent == reports[1].taken && reports[1].sent == reports[0].taken)
        #expect(reports.allSatisfy { $0.refused.reduce(0, +) == 0 })
        var bytes = [UInt8](repeating: 0, count: 64)
        bytes[0] = BatchHeader.firstByte
        cluster.nodes[0].send(Datagram(World.node2, bytes: bytes))
        let refused = cluster.nodes[0].engine.batchReport().refused
        #expect(refused.reduce(0, +) == 1)
        #expect(refused.count == BatchReport.refusalNames.count)
    }
}
