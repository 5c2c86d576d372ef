// How long a flow without packets lives, toward whom otherwise, and who is told of its end.

extension API {
    /// Idle times after which a flow without packets ends, in seconds, 1 to 86,400.
    public struct IdleTimeouts: Codable, Sendable, Hashable {
        public var tcpEstablishedSeconds: Int
        /// A TCP flow whose handshake isn't finished.
        public var tcpOpeningSeconds: Int
        /// A TCP flow that is closing, or that was reset.
        public var tcpClosingSeconds: Int
        public var udpSeconds: Int
        public var icmpSeconds: Int

        public init(
            tcpEstablishedSeconds: Int = 350, tcpOpeningSeconds: Int = 240,
            tcpClosingSeconds: Int = 240, udpSeconds: Int = 350, icmpSeconds: Int = 60
        ) {
            self.tcpEstablishedSeconds = tcpEstablishedSeconds
            self.tcpOpeningSeconds = tcpOpeningSeconds
            self.tcpClosingSeconds = tcpClosingSeconds
            self.udpSeconds = udpSeconds
            self.icmpSeconds = icmpSeconds
        }

        /// AWS's: a NAT gateway's defaults.
        public static let natGateway = IdleTimeouts()
        /// AWS's: a load balancer's defaults.
        public static let loadBalancer = IdleTimeouts(udpSeconds: 120)
        // RFC 5382 §5 REQ-5; RFC 4787 §4.3 REQ-5 (c); RFC 5508 §3.2 REQ-2.
        /// What the RFCs ask for.
        public static let rfc5382 = IdleTimeouts(tcpEstablishedSeconds: 7_440, udpSeconds: 300)
    }

    /// Idle times that are set: what is absent stays as it is.
    public struct TimeoutSettings: Sendable, Hashable {
        public var tcpEstablishedSeconds: Int?
        public var tcpOpeningSeconds: Int?
        public var tcpClosingSeconds: Int?
        public var udpSeconds: Int?
        public var icmpSeconds: Int?

        public init(
            tcpEstablishedSeconds: Int? = nil, tcpOpeningSeconds: Int? = nil,
            tcpClosingSeconds: Int? = nil, udpSeconds: Int? = nil, icmpSeconds: Int? = nil
        ) {
            self.tcpEstablishedSeconds = tcpEstablishedSeconds
            self.tcpOpeningSeconds = tcpOpeningSeconds
            self.tcpClosingSeconds = tcpClosingSeconds
            self.udpSeconds = udpSeconds
            self.icmpSeconds = icmpSeconds
        }

        /// Sets all of them.
        public init(_ all: IdleTimeouts) {
            self.init(
                tcpEstablishedSeconds: all.tcpEstablishedSeconds,
                tcpOpeningSeconds: all.tcpOpeningSeconds,
                tcpClosingSeconds: all.tcpClosingSeconds, udpSeconds: all.udpSeconds,
                icmpSeconds: all.icmpSeconds)
        }

        /// Sets none.
        public var isEmpty: Bool { self == TimeoutSettings() }

        public func applied(to timeouts: IdleTimeouts) -> IdleTimeouts {
            IdleTimeouts(
                tcpEstablishedSeconds: tcpEstablishedSeconds ?? timeouts.tcpEstablishedSeconds,
                tcpOpeningSeconds: tcpOpeningSeconds ?? timeouts.tcpOpeningSeconds,
                tcpClosingSeconds: tcpClosingSeconds ?? timeouts.tcpClosingSeconds,
                udpSeconds: udpSeconds ?? timeouts.udpSeconds,
                icmpSeconds: icmpSeconds ?? timeouts.icmpSeconds)
        }
    }

    /// Other idle times toward some destinations (NAT gateway) or for some clients (load
    /// balancer). The longest prefix that matches wins; what its rule doesn't set is as elsewhere.
    public struct TimerRule: Codable, Sendable, Hashable {
        /// CIDR notation; one rule for each.
        public var prefix: String
        /// In a change, a rule that sets nothing takes the prefix's rule away.
        public var timeouts: TimeoutSettings

        public init(prefix: String, timeouts: TimeoutSettings) {
            self.prefix = prefix
            self.timeouts = timeouts
        }
    }

    /// What happens at the idle expiry of an established TCP flow.
    public enum ExpiryAction: String, Choice {
        /// An RST goes to both ends.
        case reset
        /// Nobody is told.
        case silent
    }
}
