// Idle timeouts of a NAT gateway or a load balancer.

import ArgumentParser
import ControlClient

struct TimeoutOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("An established TCP flow ends after so long.", valueName: "seconds"),
        transform: NumberArgument.timeoutSeconds)
    var tcpIdle: UInt32?

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

    /// The defaults with what was given; nil if nothing was.
    func timeouts(over defaults: API.IdleTimeouts) -> API.IdleTimeouts? {
        var timeouts = defaults
        if let tcpIdle { timeouts.tcpEstablishedSeconds = Int(tcpIdle) }
        if let tcpTransitoryIdle { timeouts.tcpTransitorySeconds = Int(tcpTransitoryIdle) }
        if let udpIdle { timeouts.udpSeconds = Int(udpIdle) }
        if let icmpIdle { timeouts.icmpSeconds = Int(icmpIdle) }
        let isGiven = [tcpIdle, tcpTransitoryIdle, udpIdle, icmpIdle].contains { $0 != nil }
        return isGiven ? timeouts : nil
    }
}

extension API.IdleTimeouts {
    var sentence: String {
        "TCP \(tcpEstablishedSeconds) s (opening or closing \(tcpTransitorySeconds) s), "
            + "UDP \(udpSeconds) s, ICMP \(icmpSeconds) s"
    }
}
