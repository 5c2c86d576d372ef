import Configuration
import Testing
import Translation
import Wire

/// The table of attachments beside a dictionary.
struct AttachmentsTests {
    static let host = IPAddress("192.0.2.101")!
    static let network = VNI(truncating: 7)

    @Test func `an interface has one entry, whatever asks for it, in each network its own`() {
        var table = Attachments(capacity: 4, seed: 1)
        let eni = ENI(rawValue: 5)
        let first = table.intern(
            .interface, vni: Self.network, identity: 5, eni: eni, machine: Self.host)
        #expect(
            table.intern(.interface, vni: Self.network, identity: 5, eni: eni, machine: nil)
                == first)
        #expect(table.find(.interface, vni: Self.network, identity: 5) == first)
        #expect(table.find(.interface, vni: .outside, identity: 5) == nil)
        let other = table.intern(
            .interface, vni: .outside, identity: 5, eni: eni, machine: Self.host)
        #expect(other != first)
        #expect(table.count == 2)
        #expect(table[first!].machine == Self.host)
    }

    @Test func `a full table refuses new interfaces and still finds the old`() {
        var table = Attachments(capacity: 2, seed: 1)
        for identity in 1...2 as ClosedRange<UInt64> {
            let entry = table.intern(
                .interface, vni: Self.network, identity: identity, eni: .none, machine: nil)
            table.retain(entry!)
        }
        #expect(
            table.intern(.interface, vni: Self.network, identity: 3, eni: .none, machine: nil)
                == nil)
        #expect(table.find(.interface, vni: Self.network, identity: 2) != nil)
    }

    @Test func `an entry goes with its last use, and only then`() {
        var random = SplitMix(state: 3)
        var table = Attachments(capacity: 32, seed: 1)
        var uses: [UInt64: Int] = [:]
        for _ in 0..<20_000 {
            let identity = random.next() % 48
            if random.next() % 2 == 0 {
                let found = table.intern(
                    .interface, vni: Self.network, identity: identity, eni: .none, machine: nil)
                #expect((found == nil) == (uses[identity] == nil && uses.count == 32))
                guard let found else { continue }
                table.retain(found)
                uses[identity, default: 0] += 1
            } else if let count = uses[identity] {
                let found = table.find(.interface, vni: Self.network, identity: identity)
                #expect(found != nil)
                if let found { table.release(found) }
                uses[identity] = count == 1 ? nil : count - 1
            } else {
                #expect(table.find(.interface, vni: Self.network, identity: identity) == nil)
            }
            #expect(table.count == uses.count)
        }
    }

    @Test func `what was last heard counts`() {
        var table = Attachments(capacity: 2, seed: 1)
        let entry = table.intern(
            .interface, vni: Self.network, identity: 1, eni: .none, machine: nil)!
        #expect(table[entry].machine == nil)
        table.heard(entry, from: Self.host, eni: ENI(rawValue: 9))
        #expect(table[entry].machine == Self.host)
        #expect(table[entry].eni == ENI(rawValue: 9))
    }

    @Test func `a target and an interface of one number are two`() {
        var table = Attachments(capacity: 4, seed: 1)
        let interface = table.intern(
            .interface, vni: Self.network, identity: 5, eni: .none, machine: nil)
        let target = table.intern(
            .target, vni: Self.network, identity: 5, eni: .none, machine: nil)
        #expect(interface != target)
    }

    @Test func `flows by an edge that is gone go on by another`() throws {
        var table = Attachments(capacity: 4, seed: 1)
        let other = try #require(IPAddress("192.0.2.202"))
        var found: [AttachmentIndex] = []
        for id in 1...2 as ClosedRange<UInt64> {
            let edge = table.intern(
                .edge, vni: .outside, identity: id, eni: .none, machine: Self.host)
            table.retain(try #require(edge))
            found.append(try #require(edge))
        }
        table.repoint(edges: [
            EdgeEntry(id: 3, name: "", address: other, mtu: 1400),
            EdgeEntry(id: 1, name: "", address: Self.host),
        ])
        #expect(table[found[0]].machine == Self.host)
        #expect(table[found[1]].machine == other)
        #expect(table[found[1]].mtu == 1400)
    }
}
