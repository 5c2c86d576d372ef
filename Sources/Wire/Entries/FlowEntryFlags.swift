// The second byte of an entry's head: with the kind it says how long the body is.
//
//    bit 0     the flow's addresses are IPv6
//    bits 1-2  protocol: 0 TCP, 1 UDP, 2 ICMP of the family, 3 another, which stands before the tuple
//    bit 3     the translation changes the source             create, record, sticky
//    bit 4     it changes the destination                     create, record, sticky
//    bit 5     the client's packets come by an edge           create, record
//    bit 6     the target is a load balancer's                create, record
//    bit 7     long form: the client's machine has 16 bytes, and the target's network stands behind
//              the target                                     create, record
//    bits 3-5  why it ended                                   end

/// What the second byte of an entry's head says.
public struct FlowEntryFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    static let isIPv6 = Self(rawValue: 1)
    static let otherProtocol = Self(rawValue: 6)
    static let changesSource = Self(rawValue: 8)
    static let changesDestination = Self(rawValue: 16)
    static let clientIsEdge = Self(rawValue: 32)
    static let targetIsBalanced = Self(rawValue: 64)
    static let isLong = Self(rawValue: 128)
    /// Of the longest creation, and of the longest of an IPv4 flow.
    static let longest = Self(rawValue: 0xFF).subtracting(.clientIsEdge)
    static let longestIPv4 = longest.subtracting(.isIPv6)
    /// Where the reason of an end begins.
    static let reasonShift: UInt8 = 3

    /// Of a flow's key: family and protocol.
    init(_ tuple: FlowTuple) {
        let isIPv6 = !tuple.source.isIPv4 || !tuple.destination.isIPv4
        let code: UInt8 =
            switch tuple.ipProtocol {
            case .tcp: 0
            case .udp: 1
            case .icmp where !isIPv6: 2
            case .icmpv6 where isIPv6: 2
            default: 3
            }
        self.init(rawValue: code << 1 | (isIPv6 ? 1 : 0))
    }

    /// Of a flow's key, and what a translation changes of it.
    init(_ outbound: FlowTuple, translated: FlowTuple) {
        var flags = Self(outbound)
        if outbound.source != translated.source || outbound.sourcePort != translated.sourcePort {
            flags.insert(.changesSource)
        }
        if outbound.destination != translated.destination
            || outbound.destinationPort != translated.destinationPort
        {
            flags.insert(.changesDestination)
        }
        self = flags
    }

    /// The protocol, if it is one of those that need no byte.
    var ipProtocol: IPProtocol? {
        switch rawValue >> 1 & 3 {
        case 0: .tcp
        case 1: .udp
        case 2: contains(.isIPv6) ? .icmpv6 : .icmp
        default: nil
        }
    }

    /// An address with its port.
    private var endBytes: Int { contains(.isIPv6) ? 18 : 6 }

    /// Resource and tuple.
    var keyBytes: Int { 8 + 2 * endBytes + (ipProtocol == nil ? 1 : 0) }

    var changeBytes: Int {
        (contains(.changesSource) ? endBytes : 0) + (contains(.changesDestination) ? endBytes : 0)
    }

    /// A client's machine is written in 16 bytes.
    var hasLongMachine: Bool { contains(.isIPv6) || contains(.isLong) }

    private var clientBytes: Int { contains(.clientIsEdge) ? 8 : hasLongMachine ? 27 : 15 }

    private var targetBytes: Int {
        contains(.targetIsBalanced) && contains(.isLong) ? 11 : 8
    }

    var creationBytes: Int { keyBytes + changeBytes + clientBytes + targetBytes }
}
