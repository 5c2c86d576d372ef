// Entries between engines: what is written reads back, in as many bytes as were promised, and nonsense
// is refused by name.

import Testing
import Wire

struct FlowEntryTests {
    static let v4 = FlowTuple(
        ipProtocol: .tcp, source: .v4(IPv4Address(10, 0, 0, 5)), sourcePort: Port(0xABCD),
        destination: .v4(IPv4Address(198, 51, 100, 1)), destinationPort: Port(443))
    static let v6 = FlowTuple(
        ipProtocol: .icmpv6, source: IPAddress("2001:db8::1")!, sourcePort: Port(1),
        destination: IPAddress("fd00::2")!, destinationPort: Port(65535))
    static let host = FlowClient.interface(
        VNI(truncating: 100), ENI(rawValue: 7), machine: IPAddress("192.0.2.101")!)
    static let resource = ResourceID(rawValue: 8)

    static var natV4: FlowCreation {
        var translated = v4
        translated.source = .v4(IPv4Address(203, 0, 113, 1))
        translated.sourcePort = Port(1024)
        return FlowCreation(
            name: FlowName(resource: resource, outbound: v4), translated: translated,
            client: host, target: .edge(9))
    }
    static var balancedV6: FlowCreation {
        var translated = v6
        translated.destination = IPAddress("fd00::3")!
        return FlowCreation(
            name: FlowName(resource: resource, outbound: v6), translated: translated,
            client: host, target: .balanced(9, VNI(truncating: 100)))
    }
    static var natOnLoan: FlowCreation {
        var creation = natV4
        creation.loan = PeerMessageTests.id
        return creation
    }
    static let progress = FlowProgress(
        state: .tcpClientClosing, idleCentiseconds: 12, outboundPackets: 1 << 47,
        inboundPackets: 3, outboundBytes: 1 << 60, inboundBytes: 5)
    static let grant = LoanGrant(
        id: PeerMessageTests.id, destination: PeerMessageTests.destination, port: Port(7))

    static var all: [FlowEntry] {
        let name = natV4.name
        return [
            .empty, .create(natV4), .create(balancedV6),
            .end(FlowEnd(name: name, reason: .idle)),
            .end(FlowEnd(name: balancedV6.name, reason: .returnTaken)),
            .sticky(StickyRecord(name: name, translated: natV4.translated)),
            .record(FlowTransfer(creation: natV4, progress: progress, ageCentiseconds: 77)),
            .touch(FlowTouch(name: name, progress: progress)),
            .create(natOnLoan),
            .record(FlowTransfer(creation: natOnLoan, progress: progress, ageCentiseconds: 7)),
            .loan(grant), .giveBack(grant),
            .lent(LoanTransfer(grant: grant, isQuiet: false)),
            .lent(LoanTransfer(grant: grant, isQuiet: true)),
        ]
    }

    private func bytes(of entry: FlowEntry) -> [UInt8] {
        written(entry.byteCount) { entry.write(to: &$0, at: 0) }
    }

    private func read(
        _ kind: UInt8, _ flags: UInt8, _ bytes: [UInt8]
    ) throws(FlowEntryError) -> (FlowEntry, Int) {
        let read = try FlowEntry.parse(kind: kind, flags: flags, bytes.rawSpan, at: 0)
        return (read.entry, read.next)
    }

    private func error(_ kind: UInt8, _ flags: UInt8, _ bytes: [UInt8]) -> FlowEntryError? {
        do throws(FlowEntryError) {
            _ = try read(kind, flags, bytes)
            return nil
        } catch { return error }
    }

    @Test(arguments: all)
    func `a written entry reads back as the same value`(entry: FlowEntry) throws {
        let bytes = bytes(of: entry)
        let (read, next) = try read(entry.kind.rawValue, entry.flags, bytes)
        #expect(read == entry)
        #expect(next == bytes.count)
        #expect(bytes.count <= FlowEntry.mostBodyBytes)
        #expect(
            try FlowEntry.byteCount(kind: entry.kind.rawValue, flags: entry.flags) == bytes.count)
    }

    @Test(arguments: all)
    func `every byte cut off is refused`(entry: FlowEntry) {
        let bytes = bytes(of: entry)
        for count in 0..<bytes.count {
            #expect(
                error(entry.kind.rawValue, entry.flags, Array(bytes[..<count])) == .truncated)
        }
    }

    @Test func `a decision costs what DESIGN allows`() {
        // With the eight bytes of its head.
        #expect(8 + FlowEntry.create(Self.natV4).byteCount == 57)
        #expect(8 + FlowEntry.create(Self.balancedV6).byteCount <= 125)
    }

    @Test func `unknown kinds, reasons and states are refused`() {
        #expect(error(0, 0, []) == .unknownKind)
        #expect(error(13, 0, []) == .unknownKind)
        let end = FlowEntry.end(FlowEnd(name: Self.natV4.name, reason: .idle))
        #expect(error(FlowEntryKind.end.rawValue, 7 << 3, bytes(of: end)) == .badValue)
        var touch = bytes(of: .touch(FlowTouch(name: Self.natV4.name, progress: Self.progress)))
        touch[20] = 200
        #expect(error(FlowEntryKind.touch.rawValue, 0, touch) == .badValue)
        var nobody = bytes(of: .create(Self.natV4))
        for index in 0..<8 { nobody[index] = 0 }
        let flags = FlowEntry.create(Self.natV4).flags
        #expect(error(FlowEntryKind.create.rawValue, flags, nobody) == .badValue)
        #expect(error(FlowEntryKind.empty.rawValue, 1, []) == .badValue)
    }

    @Test func `loans are of IPv4 ports, and the longest entry fits where entries are kept`() {
        for kind in [FlowEntryKind.createOnLoan, .recordOnLoan] {
            let zeros = [UInt8](repeating: 0, count: 256)
            #expect(error(kind.rawValue, 1, zeros) == .badValue)
            #expect(error(kind.rawValue, 0, zeros) == .badValue)
            #expect(EntryKind(kind).bodyBytes(flags: 1) == nil)
        }
        #expect(EntryKind(.createOnLoan).isInSequence && !EntryKind(.lent).isInSequence)
        #expect(FlowEntry.mostBodyBytes <= 160)
        #expect(error(FlowEntryKind.lent.rawValue, 2, bytes(of: .loan(Self.grant))) == .badValue)
    }

    @Test func `two ways to write one entry are one too many`() {
        // The source is said to change, and is what it was.
        var creation = bytes(of: .create(Self.natV4))
        creation.replaceSubrange(20..<24, with: [10, 0, 0, 5])
        creation.replaceSubrange(24..<26, with: [0xAB, 0xCD])
        let flags = FlowEntry.create(Self.natV4).flags
        #expect(error(FlowEntryKind.create.rawValue, flags, Array(creation)) == .badValue)
    }
}

// MARK: Random entries and random bytes

struct FlowEntryRandomTests {
    /// SplitMix64.
    struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }

        mutating func address(isIPv4: Bool) -> IPAddress {
            isIPv4
                ? .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: next())))
                : .v6(IPv6Address(high: next() | 1 << 63, low: next()))
        }

        mutating func tuple(isIPv4: Bool) -> FlowTuple {
            let ipProtocol: [UInt8] = [6, 17, 1, 58, 253]
            return FlowTuple(
                ipProtocol: IPProtocol(rawValue: ipProtocol.randomElement(using: &self)!),
                source: address(isIPv4: isIPv4),
                sourcePort: Port(UInt16.random(in: 0...9, using: &self)),
                destination: address(isIPv4: isIPv4), destinationPort: Port(443))
        }

        mutating func creation() -> FlowCreation {
            let isIPv4 = Bool.random(using: &self)
            let outbound = tuple(isIPv4: isIPv4)
            var translated = outbound
            if Bool.random(using: &self) { translated.source = address(isIPv4: isIPv4) }
            if Bool.random(using: &self) { translated.sourcePort = Port(3) }
            if Bool.random(using: &self) { translated.destination = address(isIPv4: isIPv4) }
            let vni = VNI(truncating: UInt32(truncatingIfNeeded: next()))
            let other = VNI(truncating: UInt32(truncatingIfNeeded: next()))
            let machine = address(isIPv4: Bool.random(using: &self))
            return FlowCreation(
                name: FlowName(resource: ResourceID(rawValue: next() | 1), outbound: outbound),
                translated: translated,
                client: Bool.random(using: &self)
                    ? .edge(next()) : .interface(vni, ENI(rawValue: next()), machine: machine),
                target: Bool.random(using: &self)
                    ? .edge(next()) : .balanced(next(), Bool.random(using: &self) ? vni : other))
        }

        mutating func progress() -> FlowProgress {
            FlowProgress(
                state: FlowState.allCases.randomElement(using: &self)!,
                idleCentiseconds: UInt32(truncatingIfNeeded: next()), outboundPackets: next(),
                inboundPackets: next(), outboundBytes: next(), inboundBytes: next())
        }

        mutating func entry() -> FlowEntry {
            let creation = creation()
            switch Int.random(in: 0..<5, using: &self) {
            case 0: return .create(creation)
            case 1:
                return .end(
                    FlowEnd(
                        name: creation.name,
                        reason: EndReason.allCases.randomElement(using: &self)!))
            case 2:
                return .sticky(
                    StickyRecord(name: creation.name, translated: creation.translated))
            case 3:
                return .record(
                    FlowTransfer(
                        creation: creation, progress: progress(),
                        ageCentiseconds: UInt32(truncatingIfNeeded: next())))
            default:
                return .touch(FlowTouch(name: creation.name, progress: progress()))
            }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `random entries come back, and any bytes are an entry or a named error`(seed: UInt64)
        throws
    {
        var random = Random(state: seed)
        for _ in 0..<500 {
            let entry = random.entry()
            var bytes = written(entry.byteCount) { entry.write(to: &$0, at: 0) }
            let kind = entry.kind.rawValue
            #expect(
                try FlowEntry.parse(kind: kind, flags: entry.flags, bytes.rawSpan, at: 0).entry
                    == entry)
            for _ in 0..<4 {
                bytes[Int.random(in: bytes.indices, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
                rereads(
                    UInt8.random(in: 0...11, using: &random),
                    UInt8.random(in: 0...255, using: &random), bytes)
                rereads(kind, entry.flags, bytes)
            }
        }
    }

    /// Whatever parses is written as it was read.
    private func rereads(_ kind: UInt8, _ flags: UInt8, _ bytes: [UInt8]) {
        guard
            let (entry, next) = try? FlowEntry.parse(
                kind: kind, flags: flags, bytes.rawSpan, at: 0)
        else { return }
        #expect(entry.kind.rawValue == kind && entry.flags == flags && next == entry.byteCount)
        let again = written(entry.byteCount) { entry.write(to: &$0, at: 0) }
        let reread = try? FlowEntry.parse(kind: kind, flags: flags, again.rawSpan, at: 0).entry
        #expect(reread == entry)
    }
}
