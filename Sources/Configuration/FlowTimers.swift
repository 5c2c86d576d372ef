// How long a flow without packets lives, and who is told of its end.

public import Wire

/// Idle times after which a flow without packets ends, in seconds, 1 to 86,400.
public struct IdleTimeouts: Hashable, Sendable, BitwiseCopyable {
    public var tcpEstablishedSeconds: UInt32
    /// A TCP flow whose handshake isn't finished. RFC 7857 §2.1: of its own.
    public var tcpOpeningSeconds: UInt32
    /// A TCP flow that is closing, or that was reset.
    public var tcpClosingSeconds: UInt32
    public var udpSeconds: UInt32
    public var icmpSeconds: UInt32

    public init(
        // RFC 4787 §4.3 REQ-5 (c), RFC 7857 §2.1.
        tcpEstablishedSeconds: UInt32 = 350, tcpOpeningSeconds: UInt32 = 240,
        tcpClosingSeconds: UInt32 = 240, udpSeconds: UInt32 = 350, icmpSeconds: UInt32 = 60
    ) {
        self.tcpEstablishedSeconds = tcpEstablishedSeconds
        self.tcpOpeningSeconds = tcpOpeningSeconds
        self.tcpClosingSeconds = tcpClosingSeconds
        self.udpSeconds = udpSeconds
        self.icmpSeconds = icmpSeconds
    }

    // RFC 5382 §5 REQ-5: two hours four minutes, four minutes; RFC 4787 §4.3 REQ-5 (c): five
    // minutes; RFC 5508 §3.2 REQ-2: sixty seconds.
    /// What the RFCs ask for.
    public static var rfc5382: IdleTimeouts {
        IdleTimeouts(
            tcpEstablishedSeconds: 7440, tcpOpeningSeconds: 240, tcpClosingSeconds: 240,
            udpSeconds: 300, icmpSeconds: 60)
    }

    var isInRange: Bool {
        [tcpEstablishedSeconds, tcpOpeningSeconds, tcpClosingSeconds, udpSeconds, icmpSeconds]
            .allSatisfy { (1...86_400).contains($0) }
    }
}

/// Other idle times toward some destinations.
public struct TimeoutRule: Hashable, Sendable {
    /// Of the destination (NAT gateway) or the client (load balancer). The longest that matches
    /// wins.
    public var prefix: IPPrefix
    public var timeouts: IdleTimeouts

    public init(prefix: IPPrefix, timeouts: IdleTimeouts) {
        self.prefix = prefix
        self.timeouts = timeouts
    }
}

/// The timers of a resource's flows.
public struct FlowTimers: Hashable, Sendable {
    public var timeouts: IdleTimeouts
    /// At most `ruleLimit`.
    public var rules: [TimeoutRule]
    /// At the idle expiry of an established TCP flow an RST goes to both ends.
    public var resetsOnExpiry: Bool

    /// Most rules of one resource.
    public static var ruleLimit: Int { 64 }

    public init(
        _ timeouts: IdleTimeouts = IdleTimeouts(), rules: [TimeoutRule] = [],
        resetsOnExpiry: Bool = true
    ) {
        self.timeouts = timeouts
        self.rules = rules
        self.resetsOnExpiry = resetsOnExpiry
    }
}
