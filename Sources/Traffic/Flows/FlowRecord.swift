// What the generator remembers of a flow while it lives, and until its slot is used again.

import Wire

/// Where a flow is in its life.
enum FlowPhase: UInt8, Sendable, BitwiseCopyable {
    /// The slot was never used.
    case unused
    /// The first request, or the SYN, waits for its answer.
    case opening
    /// Answered: sends requests as they fall due.
    case established
    /// The last request waits for its answer.
    case proving
    /// TCP: our FIN waits for the server's.
    case closing
    case ended
}

/// What was already counted of a flow, so that a fault is counted once a flow.
struct FlowMarks: OptionSet, Sendable, BitwiseCopyable {
    var rawValue: UInt8
    static let translated = FlowMarks(rawValue: 1)
    static let misdelivered = FlowMarks(rawValue: 2)
    static let duplicated = FlowMarks(rawValue: 4)
    static let changed = FlowMarks(rawValue: 8)
    static let answered = FlowMarks(rawValue: 16)
    static let borrowed = FlowMarks(rawValue: 32)
    static let mistranslated = FlowMarks(rawValue: 64)
    /// Has yet to prove that it is alive.
    static let unproven = FlowMarks(rawValue: 128)
}

/// One flow. Its slot is its number modulo the number of slots. At most 256 bytes.
struct FlowRecord: Sendable, BitwiseCopyable {
    var number: UInt32 = 0
    var nonce: UInt32 = 0
    var phase = FlowPhase.unused
    var marks: FlowMarks = []
    /// Faults, by ordinal: those whose node led the flow, and those after which it has sent nothing.
    var struck: UInt8 = 0
    var yetToSend: UInt8 = 0
    /// Sendings of what must be answered now.
    var attempts: UInt8 = 0
    var ipProtocol = IPProtocol.udp
    var stream: UInt16 = 0
    var bucket = BucketIndex(0)
    /// The bucket of each resource has its own outage track.
    var track: UInt32 = 0
    var instance: UInt32 = 0
    /// The endpoint of the client's host.
    var home: UInt16 = 0

    var client = IPAddress.none
    var server = IPAddress.none
    var clientPort = Port(0)
    var serverPort = Port(0)

    /// The packet as the server or target saw it: what the cluster made of the client's tuple.
    var seenSource = IPAddress.none
    var seenSourcePort = Port(0)
    var seenDestination = IPAddress.none
    var seenDestinationPort = Port(0)

    /// Intended.
    var opened = Tick(rawValue: 0)
    var lifetimeNanoseconds: UInt64 = 0
    /// Intended sending of the request that comes next, or that waits.
    var due = Tick(rawValue: 0)
    /// Requests sent, repetitions too.
    var sequence: UInt16 = 0
    /// Of the last SYN.
    var ticket: UInt16 = 0
    var tcp = TCPNumbers()
    /// Segments that each end of a TCP flow has sent, repetitions too.
    var clientSerial: UInt16 = 0
    var serverSerial: UInt16 = 0
    /// Packets that came to the server, and to the client.
    var outboundSeen = SeenWindow()
    var inboundSeen = SeenWindow()

    /// The client's packets as they leave its instance.
    func clientKey(_ vni: VNI) -> TupleKey {
        TupleKey(
            ipProtocol, vni, source: client, sourcePort: clientPort, destination: server,
            destinationPort: serverPort)
    }

    /// The client's packets as they reach the server or target.
    func seenKey(_ vni: VNI) -> TupleKey {
        TupleKey(
            ipProtocol, vni, source: seenSource, sourcePort: seenSourcePort,
            destination: seenDestination, destinationPort: seenDestinationPort)
    }

    var isLive: Bool { phase != .unused && phase != .ended }
    /// When its last request is due.
    var ends: Tick { opened + lifetimeNanoseconds }
}

/// Both ends' sequence numbers of a TCP flow (RFC 9293 §3.3.1). Client and server are one program
/// here, but each end uses only its own two.
struct TCPNumbers: Sendable, BitwiseCopyable {
    var clientNext: UInt32 = 0
    var clientExpects: UInt32 = 0
    var serverNext: UInt32 = 0
    var serverExpects: UInt32 = 0
    /// Data bytes of the request under way.
    var requestBytes: UInt16 = 0
}
