// Idle times of a NAT gateway's or a load balancer's flows, at its creation and later.

import ArgumentParser
import ControlClient

struct FlowTimerOptions: ParsableArguments {
    @Option(
        help: "All idle times at once: aws or rfc5382. What else is given stands above it.",
        transform: TimerProfile.init(argument:))
    var profile: TimerProfile?

    @Option(
        help: ArgumentHelp("An established TCP flow ends after so long.", valueName: "seconds"),
        transform: NumberArgument.timeoutSeconds)
    var tcpIdle: UInt32?

    @Option(
        help: ArgumentHelp("A TCP flow whose handshake isn't finished.", valueName: "seconds"),
        transform: NumberArgument.timeoutSeconds)
    var tcpOpeningIdle: UInt32?

    @Option(
        help: ArgumentHelp("A TCP flow that is closing or was reset.", valueName: "seconds"),
        transform: NumberArgument.timeoutSeconds)
    var tcpClosingIdle: UInt32?

    @Option(
        help: ArgumentHelp("An opening or closing TCP flow.", valueName: "seconds"),
        transform: NumberArgument.timeoutSeconds)
    var tcpTransitoryIdle: UInt32?

    @Option(
        help: ArgumentHelp("A UDP flow.", valueName: "seconds"),
        transform: NumberArgument.timeoutSeconds)
    var udpIdle: UInt32?

    @Option(
        help: ArgumentHelp("An ICMP query.", valueName: "seconds"),
        transform: NumberArgument.timeoutSeconds)
    var icmpIdle: UInt32?

    @Option(
        help: ArgumentHelp(
            """
            Other idle times toward a prefix (a load balancer: for its clients), such as \
            203.0.113.0/24:tcp-established=3600,udp=30; PREFIX:none takes a rule away. May be \
            repeated.
            """, valueName: "prefix:timer=seconds"),
        transform: TimerRuleArgument.init(argument:))
    var timerRule: [TimerRuleArgument] = []

    @Option(
        help: ArgumentHelp(
            "Whether idle TCP connections end with an RST to both ends: reset or silent.",
            valueName: "action"),
        transform: { try ChoiceArgument.choice($0) })
    var onExpiry: API.ExpiryAction?

    mutating func validate() throws {
        guard tcpTransitoryIdle == nil || (tcpOpeningIdle == nil && tcpClosingIdle == nil) else {
            throw ValidationError(
                "--tcp-transitory-idle stands for --tcp-opening-idle and --tcp-closing-idle")
        }
    }

    /// What was given; nil if nothing was. `defaults` are the resource's own, which is `aws`.
    func timeouts(defaults: API.IdleTimeouts) -> API.TimeoutSettings? {
        var timeouts = API.TimeoutSettings()
        switch profile {
        case .aws?: timeouts = API.TimeoutSettings(defaults)
        case .rfc5382?: timeouts = API.TimeoutSettings(.rfc5382)
        case nil: break
        }
        if let tcpIdle { timeouts.tcpEstablishedSeconds = Int(tcpIdle) }
        if let seconds = tcpOpeningIdle ?? tcpTransitoryIdle {
            timeouts.tcpOpeningSeconds = Int(seconds)
        }
        if let seconds = tcpClosingIdle ?? tcpTransitoryIdle {
            timeouts.tcpClosingSeconds = Int(seconds)
        }
        if let udpIdle { timeouts.udpSeconds = Int(udpIdle) }
        if let icmpIdle { timeouts.icmpSeconds = Int(icmpIdle) }
        return timeouts.isEmpty ? nil : timeouts
    }

    /// What was given; nil if nothing was.
    var rules: [API.TimerRule]? { timerRule.isEmpty ? nil : timerRule.map(\.rule) }
}

/// Idle times that go together.
enum TimerProfile: String, CaseIterable {
    case aws, rfc5382

    init(argument text: String) throws {
        guard let profile = TimerProfile(rawValue: text.lowercased()) else {
            throw InvalidValue("a profile is aws or rfc5382")
        }
        self = profile
    }
}
