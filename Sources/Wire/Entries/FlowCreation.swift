// "A flow begins": its name, its translation, and where its packets go. An IPv4 flow of one
// translated side takes 49 bytes, an IPv6 one 97.
//
//    name               see FlowName
//    what changes       see FlowName
//    client, interface: VNI 3, ENI 8, machine 4 (IPv6 or long form: 16)
//            edge:      its id 8
//    target, edge:      its id 8
//            balanced:  the target's id 8; in the long form its VNI 3, else it is the client's
//    loan               44   of an IPv4 flow on a port of another bucket, which has a kind of its own

/// Where inbound packets of a flow go.
public enum FlowClient: Hashable, Sendable, BitwiseCopyable {
    /// An instance's interface, and the machine that it was heard from.
    case interface(VNI, ENI, machine: IPAddress)
    /// An edge, by its id.
    case edge(UInt64)

    var vni: VNI {
        if case .interface(let vni, _, _) = self { vni } else { .outside }
    }
}

/// Where outbound packets of a flow go.
public enum FlowTarget: Hashable, Sendable, BitwiseCopyable {
    /// An edge, by its id.
    case edge(UInt64)
    /// A load balancer's target, by its id and network.
    case balanced(UInt64, VNI)
}

/// The creation of a flow.
public struct FlowCreation: Hashable, Sendable, BitwiseCopyable {
    public var name: FlowName
    /// The tuple of an outbound packet as it goes out.
    public var translated: FlowTuple
    public var client: FlowClient
    public var target: FlowTarget
    /// The loan that its port is on, if it is another bucket's.
    public var loan: LoanID?

    public init(
        name: FlowName, translated: FlowTuple, client: FlowClient, target: FlowTarget,
        loan: LoanID? = nil
    ) {
        self.name = name
        self.translated = translated
        self.client = client
        self.target = target
        self.loan = loan
    }

    var flags: FlowEntryFlags {
        var flags = FlowEntryFlags(name.outbound, translated: translated)
        switch client {
        case .edge: flags.insert(.clientIsEdge)
        case .interface(_, _, let machine):
            if !machine.isIPv4, !flags.contains(.isIPv6) { flags.insert(.isLong) }
        }
        if case .balanced(_, let vni) = target {
            flags.insert(.targetIsBalanced)
            if vni != client.vni { flags.insert(.isLong) }
        }
        return flags
    }

    init(
        _ flags: FlowEntryFlags, _ bytes: RawSpan, _ offset: inout Int
    ) throws(FlowEntryError) {
        name = try FlowName(flags, bytes, &offset)
        translated = FlowTuple(translating: name.outbound, flags, bytes, &offset)
        if flags.contains(.clientIsEdge) {
            client = .edge(bytes.nextUInt64(&offset))
        } else {
            client = .interface(
                bytes.nextVNI(&offset), ENI(rawValue: bytes.nextUInt64(&offset)),
                machine: bytes.nextAddress(&offset, isLong: flags.hasLongMachine))
        }
        let id = bytes.nextUInt64(&offset)
        guard flags.contains(.targetIsBalanced) else {
            target = .edge(id)
            return
        }
        target = .balanced(
            id, flags.contains(.isLong) ? bytes.nextVNI(&offset) : client.vni)
    }

    /// Reads the loan behind what stands in every creation.
    mutating func readLoan(_ bytes: RawSpan, _ offset: inout Int) throws(FlowEntryError) {
        do {
            loan = try LoanID.parse(bytes, at: offset)
        } catch {
            throw .badValue
        }
        offset += LoanID.byteCount
    }

    func writeLoan(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        guard let loan else { return }
        loan.write(to: &bytes, at: offset)
        offset += LoanID.byteCount
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        let flags = flags
        name.write(to: &bytes, &offset)
        translated.writeChange(flags, to: &bytes, &offset)
        switch client {
        case .edge(let id): bytes.put(id, &offset)
        case .interface(let vni, let eni, let machine):
            bytes.put(vni, &offset)
            bytes.put(eni.rawValue, &offset)
            bytes.put(machine, &offset, isLong: flags.hasLongMachine)
        }
        switch target {
        case .edge(let id): bytes.put(id, &offset)
        case .balanced(let id, let vni):
            bytes.put(id, &offset)
            if flags.contains(.isLong) { bytes.put(vni, &offset) }
        }
    }
}
