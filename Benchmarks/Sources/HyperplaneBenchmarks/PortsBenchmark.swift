// Choosing ports for one destination when few are left, with the flow table as the truth.

import Tables
import Wire

/// One destination's 1,008 ports, as flows of a table that holds a million others.
struct PortsBenchmark: ~Copyable {
    private var table = FlowTable<IPv4Sized>(capacityFlows: 1_100_000, chains: 1, seed: 0x5EED)
    private var allocator = PortAllocator(denseSets: 16, portsPerSet: 1008, seed: 0x5EED)
    private var random = SplitMix(state: 1)
    private let destination = PortDestination(
        scope: ResourceID(rawValue: 1), ipProtocol: .udp,
        external: .v4(IPv4Address(203, 0, 113, 1)),
        remote: .v4(IPv4Address(198, 51, 100, 1)), remotePort: Port(53), bucket: BucketIndex(0))
    private static let ports: ClosedRange<UInt16> = 1024...2031
    /// Numbers from here on are flows on the ports; smaller ones are other flows.
    private static let firstNumber: UInt64 = 1 << 40

    static func run(_ report: Report) {
        var trial = PortsBenchmark()
        for number in 0..<1_000_000 { trial.insert(UInt64(number)) }
        for used in [0, 504, 907, 1007] {
            while trial.used < used { trial.choose(keeping: true) }
            let each = trial.samples { $0.choose(keeping: false) }
            report.add(Row("table.ports.choose.of1008.used\(used)", unit: "ns", each))
        }
        trial.choose(keeping: true)
        let each = trial.samples { $0.choose(keeping: false) }
        report.add(Row("table.ports.choose.refused", unit: "ns", each))
    }

    private var used: Int { table.count - 1_000_000 }

    private mutating func insert(_ number: UInt64) {
        _ = try! table.insert(IPv4Sized.hot(number), IPv4Sized.cold, chain: 0)
    }

    private static func number(_ port: Port) -> UInt64 { firstNumber + UInt64(port.rawValue) }

    /// Chooses a port; creates its flow if `keeping`.
    private mutating func choose(keeping: Bool) {
        let start = random.next()
        let choice = allocator.choose(toward: destination, from: Self.ports, start: start) {
            !table.contains(IPv4Sized.key(Self.number($0), 1))
        }
        guard case .port(let port) = choice else { return }
        if keeping {
            insert(Self.number(port))
            allocator.portTaken(port, toward: destination)
        }
        consume(UInt64(port.rawValue))
    }

    private mutating func samples(_ work: (inout PortsBenchmark) -> Void) -> Samples {
        var each: [Double] = []
        for _ in 0..<7 {
            each.append(nanosecondsEach(20_000) { for _ in 0..<20_000 { work(&self) } })
        }
        return Samples(each)
    }
}
