import Tables
import Testing
import Translation
import Wire

/// The records of both families: their sizes, and that they keep what they are given.
struct FlowRecordTests {
    static let v4 = FlowTuple(
        ipProtocol: .tcp, source: .v4(IPv4Address(10, 0, 0, 5)), sourcePort: Port(0xABCD),
        destination: .v4(IPv4Address(198, 51, 100, 1)), destinationPort: Port(443))
    static let v4Translated = FlowTuple(
        ipProtocol: .tcp, source: .v4(IPv4Address(203, 0, 113, 255)), sourcePort: Port(0xFFFF),
        destination: .v4(IPv4Address(198, 51, 100, 1)), destinationPort: Port(443))
    static let v6 = FlowTuple(
        ipProtocol: .udp, source: IPAddress("2001:db8::1")!, sourcePort: Port(1),
        destination: IPAddress("fd00::2")!, destinationPort: Port(65535))
    static let v6Translated = FlowTuple(
        ipProtocol: .udp, source: IPAddress("fd00::ffff:1")!, sourcePort: Port(0x8001),
        destination: IPAddress("fd00::3")!, destinationPort: Port(0))

    // 128 bytes a flow, 224 for IPv6, with links and index.
    @Test func `a hot IPv4 record is one cache line, an IPv6 one two`() {
        #expect(MemoryLayout<IPv4FlowRecord>.stride == 64)
        #expect(MemoryLayout<IPv6FlowRecord>.stride <= 128)
        #expect(MemoryLayout<FlowDetails>.stride <= 40)
        #expect(MemoryLayout<IPv4FlowKey>.stride == 16)
        #expect(MemoryLayout<IPv6FlowKey>.stride == 40)
        #expect(MemoryLayout<FlowState>.size == 1)
    }

    @Test func `a table costs what the design allows`() {
        let v4 = FlowTable<IPv4FlowLayout>(capacityFlows: 100_000, chains: 64, seed: 1)
        let v6 = FlowTable<IPv6FlowLayout>(capacityFlows: 100_000, chains: 64, seed: 1)
        let bytes = (v4.bytesPerFlow, v6.bytesPerFlow)
        #expect(bytes.0 <= 128.5)
        #expect(bytes.1 <= 224)
    }

    private func check<Layout: TranslationLayout>(
        _ layout: Layout.Type, _ outbound: FlowTuple, _ translated: FlowTuple
    ) {
        let scope = FlowScope(resourceSlot: 0x7F_FFFF)
        var record = Layout.Hot(
            scope: scope, outbound: outbound, translated: translated,
            bucket: BucketIndex(65535), state: .tcpEstablished)
        record.clientAttachment = AttachmentIndex(rawValue: 7)
        record.targetAttachment = AttachmentIndex(rawValue: 8)
        record.lastSeenCentiseconds = .max
        record.commitment = .creating
        #expect(record.scope == scope)
        #expect(record.outbound == outbound)
        #expect(record.translated == translated)
        #expect(record.bucket == BucketIndex(65535))
        #expect(record.state == .tcpEstablished)
        #expect(record.rewritten(.outbound) == translated)
        #expect(record.rewritten(.inbound) == outbound.reversed)
        #expect(record.clientAttachment != record.targetAttachment)
        // A packet's key is the record's, by either direction, and by no other scope.
        for direction in FlowDirection.allCases {
            let tuple = direction == .outbound ? outbound : translated.reversed
            let key = Layout.key(of: record, direction: direction)
            #expect(key == Layout.Key(tuple, scope: scope, direction: direction))
            #expect(
                key
                    != Layout.Key(
                        tuple, scope: FlowScope(resourceSlot: 1), direction: direction))
            #expect(key != Layout.Key(tuple, scope: scope, direction: direction.reversed))
        }
    }

    @Test func `records give back what they were made of`() {
        check(IPv4FlowLayout.self, Self.v4, Self.v4Translated)
        check(IPv6FlowLayout.self, Self.v6, Self.v6Translated)
        // An IPv4 client of an IPv6 balancer would stand in the IPv6 table.
        check(IPv6FlowLayout.self, Self.v4, Self.v4Translated)
    }

    private func count<Record: FlowRecord>(_ record: Record) {
        var record = record
        var bytes: [FlowDirection: UInt64] = [:]
        for step in 1...2000 {
            let direction: FlowDirection = step % 3 == 0 ? .inbound : .outbound
            let hasWrapped = record.count(direction, bytes: 65535 * step)
            #expect(!hasWrapped)
            bytes[direction, default: 0] += UInt64(65535 * step)
        }
        #expect(record.packets(.outbound) == 1334)
        #expect(record.packets(.inbound) == 666)
        #expect(record.bytes(.outbound) == bytes[.outbound])
        #expect(record.bytes(.inbound) == bytes[.inbound])
        #expect(bytes[.outbound]! > 1 << 33)
    }

    @Test func `packets and bytes are counted by direction, beyond 32 bits of bytes`() {
        count(
            IPv4FlowRecord(
                scope: FlowScope(resourceSlot: 1), outbound: Self.v4,
                translated: Self.v4Translated, bucket: BucketIndex(1), state: .udp))
        count(
            IPv6FlowRecord(
                scope: FlowScope(resourceSlot: 1), outbound: Self.v6,
                translated: Self.v6Translated, bucket: BucketIndex(1), state: .udp))
    }
}
