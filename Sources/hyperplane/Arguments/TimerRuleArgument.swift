// `PREFIX:TIMER=SECONDS[,TIMER=SECONDS...]` or `PREFIX:none`: a rule of other idle times.

package import ControlClient
import Wire

/// A timer rule of the command line.
package struct TimerRuleArgument: Hashable, Sendable {
    package var rule: API.TimerRule

    /// Every timer's name and where it stands.
    private static var timers: [(name: String, path: WritableKeyPath<API.TimeoutSettings, Int?>)] {
        [
            ("tcp-established", \.tcpEstablishedSeconds), ("tcp-opening", \.tcpOpeningSeconds),
            ("tcp-closing", \.tcpClosingSeconds), ("udp", \.udpSeconds), ("icmp", \.icmpSeconds),
        ]
    }

    package init(argument text: String) throws {
        // The first colon behind the prefix's slash: IPv6 has colons of its own.
        guard let slash = text.firstIndex(of: "/"),
            let colon = text[slash...].firstIndex(of: ":")
        else {
            throw InvalidValue(
                "a timer rule looks like 203.0.113.0/24:tcp-established=3600,udp=30")
        }
        let prefix = try AddressArgument.prefix(String(text[..<colon])).description
        let timers = String(text[text.index(after: colon)...])
        rule = API.TimerRule(
            prefix: prefix,
            timeouts: timers == "none" ? API.TimeoutSettings() : try Self.timeouts(timers))
    }

    private static func timeouts(_ text: String) throws -> API.TimeoutSettings {
        var timeouts = API.TimeoutSettings()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, let timer = timers.first(where: { $0.name == pair[0] }) else {
                throw InvalidValue(
                    "\"\(part)\" is not TIMER=SECONDS; timers are "
                        + timers.map(\.name).joined(separator: ", "))
            }
            guard timeouts[keyPath: timer.path] == nil else {
                throw InvalidValue("\(timer.name) stands twice")
            }
            let seconds = try NumberArgument.timeoutSeconds(String(pair[1]))
            timeouts[keyPath: timer.path] = Int(seconds)
        }
        return timeouts
    }
}
