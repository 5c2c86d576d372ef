// The life of a TCP connection as a middle box can know it: which segments belong to it, by windows
// after van Rooij ("Real Stateful TCP Packet Filtering in IP Filter", 2001), and where it stands,
// by RFC 7857 §2. It never waits, never allocates, and holds no more than 32 bytes.

public import Wire

/// What becomes of a segment.
public enum TrackingVerdict: Hashable, Sendable, BitwiseCopyable {
    /// It goes on its way; whether it counts as a sign of life is said with it.
    case pass(refreshes: Bool)
    /// It goes on its way and begins a new connection on the same 5-tuple: the state is
    /// `tcpOpening` again, and the idle time begins anew.
    case reopen
    case drop(DropCause)
}

/// What is known of a connection's two senders.
///
/// - Inputs: `init(opening:)` (a flow's first SYN), `track` (each further segment).
/// - Commands: `loosen` (after a takeover: numbers may be old).
/// - Getters: `expectedSequence(of:)`, `reset(from:)`.
///
/// The caller keeps the `FlowState` beside it, drops what `track` says to drop, and lets nothing of
/// what it drops out.
public struct TCPTracker: Hashable, Sendable, BitwiseCopyable {
    /// The client.
    @usableFromInline var outbound = TCPSide()
    /// The target.
    @usableFromInline var inbound = TCPSide()

    /// Knows nothing, accepts what comes and learns from it.
    @inlinable public init() {}

    /// Knows nothing, accepts what comes and learns from it.
    @inlinable public static var unknown: TCPTracker { TCPTracker() }

    /// A connection that begins with the client's SYN.
    public init(opening segment: TCPSegment) {
        outbound = TCPSide(synchronizing: segment)
        outbound.limit = segment.sequence
        outbound.flags.insert(.awaitsAnswer)
        outbound.scales = segment.numbers.windowScale ?? 0
        if segment.numbers.windowScale == nil { outbound.flags.remove(.scaleKnown) }
    }

    @inlinable
    subscript(direction: FlowDirection) -> TCPSide {
        get { direction == .outbound ? outbound : inbound }
        set {
            if direction == .outbound { outbound = newValue } else { inbound = newValue }
        }
    }

    /// Forgets what may be old and keeps what never changes, the scales; an offer that came to
    /// nothing only makes windows look larger. For records taken over from a leader whose last
    /// segments this node has not seen.
    public mutating func loosen() {
        outbound = outbound.loosened
        inbound = inbound.loosened
    }

    /// The sequence number that the receiver of this direction's segments expects next, as far as
    /// can be known: what it acknowledged last, else the end of what was sent to it. An RST with
    /// another one would not be believed (RFC 5961 §3.2).
    public func expectedSequence(of direction: FlowDirection) -> UInt32? {
        let receiver = self[direction.reversed]
        if receiver.flags.contains(.acknowledges) { return receiver.acknowledged }
        let sender = self[direction]
        return sender.flags.contains(.known) ? sender.end : nil
    }

    /// The numbers of an RST that ends the connection at the receiver of this direction, made as if
    /// its sender had sent it. Nil if too little is known to be believed.
    public func reset(from direction: FlowDirection) -> TCPReset? {
        let acknowledgment = expectedSequence(of: direction.reversed)
        guard let sequence = expectedSequence(of: direction) else {
            // RFC 9293 §3.10.7.3: a SYN not yet answered is refused by acknowledging it.
            return acknowledgment.map { TCPReset(sequence: 0, acknowledgment: $0) }
        }
        return TCPReset(sequence: sequence, acknowledgment: acknowledgment)
    }
}

extension TCPSide {
    var loosened: TCPSide {
        var side = TCPSide()
        guard flags.contains(.scaleKnown) else { return side }
        side.flags = .scaleKnown
        side.scales = scales & 0xF
        return side
    }
}
