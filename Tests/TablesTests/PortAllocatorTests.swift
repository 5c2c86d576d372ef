// Port allocation beside the plain truth, a set of used ports, from empty to exhausted and back.

import Tables
import Testing
import Wire

/// One destination's ports and a plain account of those in use.
private struct Destination {
    let name: PortDestination
    let ports: ClosedRange<UInt16>
    var used: Set<UInt16> = []

    init(_ number: Int, ports: ClosedRange<UInt16>) {
        self.ports = ports
        name = PortDestination(
            scope: ResourceID(rawValue: 7), ipProtocol: .udp,
            external: .v4(IPv4Address(203, 0, 113, 1)),
            remote: .v4(IPv4Address(rawValue: 0xC633_6400 + UInt32(number))),
            remotePort: Port(53), bucket: BucketIndex(3))
    }
}

extension PortAllocator {
    /// One choice, compared with what was foretold and with the truth; takes the port.
    fileprivate mutating func takeOne(_ destination: inout Destination, start: UInt64) -> Port? {
        let used = destination.used
        let foretold = foretell(
            toward: destination.name, from: destination.ports, start: start,
            isFree: { !used.contains($0.rawValue) })
        let choice = choose(
            toward: destination.name, from: destination.ports, start: start,
            isFree: { !used.contains($0.rawValue) })
        #expect(choice == foretold)
        switch choice {
        case .port(let port):
            #expect(destination.ports.contains(port.rawValue))
            #expect(destination.used.insert(port.rawValue).inserted, "a port was given twice")
            portTaken(port, toward: destination.name)
            return port
        case .exhausted(let used):
            #expect(used == destination.ports.count)
            #expect(destination.used.count == used, "refused while a port was free")
            return nil
        }
    }

    fileprivate mutating func giveBack(_ port: UInt16, _ destination: inout Destination) {
        destination.used.remove(port)
        portFreed(Port(port), toward: destination.name)
    }

    fileprivate func check(_ destination: Destination) {
        checkInvariants(
            toward: destination.name, isFree: { !destination.used.contains($0.rawValue) })
    }
}

@Suite struct PortAllocatorTests {
    static let ranges: [ClosedRange<UInt16>] = [
        1024...1024, 1024...1039, 1024...1086, 1024...1087, 1024...1088, 2032...3039,
        64_528...65_535,
    ]

    @Test(arguments: ranges, [0, 4])
    func `every port is given once, then the next is refused`(
        ports: ClosedRange<UInt16>, denseSets: Int
    ) {
        var allocator = PortAllocator(denseSets: denseSets, portsPerSet: 1008, seed: 1)
        var destination = Destination(0, ports: ports)
        var random = SplitMix(seed: 2)
        for _ in ports { #expect(allocator.takeOne(&destination, start: random.next()) != nil) }
        for _ in 0..<20 { #expect(allocator.takeOne(&destination, start: random.next()) == nil) }
        allocator.check(destination)
        let count = allocator.denseSetCount
        #expect(count == (denseSets == 0 ? 0 : 1))
        // The one port that is given back is the one that is found.
        for _ in 0..<50 {
            let port = ports.lowerBound + UInt16(random.below(ports.count))
            allocator.giveBack(port, &destination)
            #expect(allocator.takeOne(&destination, start: random.next()) == Port(port))
        }
    }

    @Test func `random use of many destinations stays exact, with too few dense sets for all`() {
        var allocator = PortAllocator(denseSets: 3, portsPerSet: 100, seed: 1)
        var destinations = (0..<8).map { Destination($0, ports: 5000...5099) }
        var random = SplitMix(seed: 3)
        for step in 0..<40_000 {
            let chosen = random.below(destinations.count)
            // Tides: fills for some thousands of steps, then empties.
            if random.below(100) < (step / 5_000 % 2 == 0 ? 70 : 30) {
                _ = allocator.takeOne(&destinations[chosen], start: random.next())
            } else if let port = destinations[chosen].used.min(by: {
                SplitMix.mixed(UInt64($0)) < SplitMix.mixed(UInt64($1))
            }) {
                allocator.giveBack(port, &destinations[chosen])
            }
            if step % 500 == 0 { destinations.forEach { allocator.check($0) } }
        }
        for chosen in destinations.indices {
            for port in destinations[chosen].used {
                allocator.giveBack(port, &destinations[chosen])
            }
        }
        let count = allocator.denseSetCount
        #expect(count == 0, "a set outlived its use")
    }

    @Test func `a dense set is kept exact by ports that others chose`() {
        var allocator = PortAllocator(denseSets: 1, portsPerSet: 64, seed: 1)
        var destination = Destination(0, ports: 2000...2063)
        for port in destination.ports.dropLast() { destination.used.insert(port) }
        #expect(allocator.takeOne(&destination, start: 1) == Port(2063))
        allocator.giveBack(2010, &destination)
        destination.used.insert(2010)
        allocator.portTaken(Port(2010), toward: destination.name)
        #expect(allocator.takeOne(&destination, start: 2) == nil)
        // A port outside the set is nobody's business.
        allocator.portFreed(Port(2064), toward: destination.name)
        allocator.portTaken(Port(1999), toward: destination.name)
        allocator.check(destination)
    }

    @Test func `a forgotten notice costs a question, and never gives a port twice`() {
        var allocator = PortAllocator(denseSets: 1, portsPerSet: 64, seed: 1)
        var destination = Destination(0, ports: 2000...2063)
        for port in destination.ports.dropLast(3) { destination.used.insert(port) }
        for start in 0..<20 {
            let port = allocator.takeOne(&destination, start: UInt64(start))
            allocator.giveBack(port!.rawValue, &destination)
        }
        let count = allocator.denseSetCount
        #expect(count == 1)
        // Behind the allocator's back.
        destination.used.formUnion([2061, 2063])
        for start in 0..<20 {
            #expect(allocator.takeOne(&destination, start: UInt64(start)) == Port(2062))
            allocator.giveBack(2062, &destination)
        }
    }

    // RFC 6056 §3.3.1: a port that an attacker can't guess.
    @Test func `ports of a fresh set are spread evenly`() {
        var counts = [Int](repeating: 0, count: 16)
        var random = SplitMix(seed: 9)
        for _ in 0..<16_000 {
            var allocator = PortAllocator(denseSets: 0, portsPerSet: 16, seed: 1)
            var destination = Destination(0, ports: 1024...1039)
            let port = allocator.takeOne(&destination, start: random.next())
            counts[Int(port!.rawValue) - 1024] += 1
        }
        // 1,000 expected each, standard deviation 31.
        #expect(counts.allSatisfy { (840...1160).contains($0) })
    }

    @Test func `the cost of a choice at 999 of 1000 ports is two questions, not hundreds`() {
        var allocator = PortAllocator(denseSets: 1, portsPerSet: 1008, seed: 1)
        var destination = Destination(0, ports: 1024...2031)
        var random = SplitMix(seed: 10)
        for _ in 0..<1007 { _ = allocator.takeOne(&destination, start: random.next()) }
        var questions = 0
        let used = destination.used
        let choice = allocator.choose(
            toward: destination.name, from: destination.ports, start: random.next(),
            isFree: {
                questions += 1
                return !used.contains($0.rawValue)
            })
        #expect(questions == 1)
        #expect(choice != .exhausted(used: 1008))
    }
}
