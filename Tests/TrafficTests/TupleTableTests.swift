// The open-addressing table beside a dictionary, under a seeded driver.

import Testing
import Traffic
import Wire

@Suite struct TupleTableTests {
    private func key(_ number: UInt64) -> TupleKey {
        TupleKey(
            .udp, .outside, source: .v4(IPv4Address(rawValue: UInt32(number))), sourcePort: Port(1),
            destination: .v4(IPv4Address(10, 0, 0, 1)), destinationPort: Port(UInt16(number % 7)))
    }

    @Test func `it holds what a dictionary holds`() {
        var random = SplitMix64(seed: 3)
        var table = TupleTable(capacity: 400)
        var model: [TupleKey: UInt32] = [:]
        for step in 0..<100_000 as Range<UInt32> {
            let key = key(random.next() % 500)
            if random.next() % 2 == 0, model.count < 400 {
                let owner = model[key] ?? step
                model[key] = owner
                #expect(table.insertIfAbsent(key, step) == owner)
            } else if let value = model[key] {
                // Only its owner removes it.
                table.remove(key, value + 1)
                #expect(table.find(key) == value)
                table.remove(key, value)
                model[key] = nil
            }
            #expect(table.find(key) == model[key])
            #expect(table.count == model.count)
        }
        for number in 0..<500 as Range<UInt64> {
            #expect(table.find(key(number)) == model[key(number)])
        }
    }

    @Test func `every part of the tuple counts`() {
        let address = IPAddress.v4(IPv4Address(1, 2, 3, 4))
        let other = IPAddress.v4(IPv4Address(1, 2, 3, 5))
        let vni = VNI(truncating: 1)
        func make(
            ipProtocol: IPProtocol = .udp, vni: VNI = vni, source: IPAddress = address,
            sourcePort: Port = Port(1), destination: IPAddress = address,
            destinationPort: Port = Port(2)
        ) -> TupleKey {
            TupleKey(
                ipProtocol, vni, source: source, sourcePort: sourcePort,
                destination: destination, destinationPort: destinationPort)
        }
        let all: Set = [
            make(), make(ipProtocol: .tcp), make(vni: .outside), make(source: other),
            make(destination: other), make(sourcePort: Port(2)), make(destinationPort: Port(3)),
        ]
        #expect(all.count == 7)
    }
}
