// Every value of the command line at the ends of its range and beyond.

import ControlClient
import Testing
import Wire
import hyperplane

@Suite struct NumberArgumentTests {
    @Test func `the ends of a range are in it`() throws {
        #expect(try NumberArgument.port("1") == 1)
        #expect(try NumberArgument.port("65535") == 65535)
        #expect(try NumberArgument.weight("0") == 0)
        #expect(try NumberArgument.weight("999") == 999)
        #expect(try NumberArgument.timeoutSeconds("86400") == 86_400)
    }

    @Test(arguments: ["0", "65536", "-1", "+80", "", " 80", "8O", "99999999999999999999", "٨٠"])
    func `a port that is none is refused with the range`(text: String) {
        let error = #expect(throws: InvalidValue.self) { try NumberArgument.port(text) }
        #expect(error?.description.contains("1 to 65535") == true)
    }

    @Test func `a weight above 999 is refused with the range`() {
        let error = #expect(throws: InvalidValue.self) { try NumberArgument.weight("1000") }
        #expect(error?.description == "a weight is 0 to 999")
    }
}

@Suite struct AddressArgumentTests {
    @Test(arguments: [
        ("10.0.0.0/33", "0 to 32"), ("2001:db8::/129", "0 to 128"), ("10.0.0.0/x", "0 to 32"),
        ("10.0.0.1/16", "beyond the first 16"), ("10.0.0.0", "looks like"),
        ("10.0.0/8", "looks like"), ("10.0.0.0/-1", "0 to 32"), ("/8", "looks like"),
    ])
    func `a prefix that is none is refused for what is wrong with it`(
        text: String, reason: String
    ) {
        let error = #expect(throws: InvalidValue.self) { try AddressArgument.prefix(text) }
        #expect(error?.description.contains(reason) == true)
    }

    @Test func `prefixes of both families are taken`() throws {
        #expect(try AddressArgument.prefix("10.0.0.0/16").length == 16)
        #expect(try AddressArgument.prefix("2001:db8::/48").length == 48)
        #expect(try AddressArgument.prefix("0.0.0.0/0").length == 0)
    }

    @Test(arguments: ["224.0.0.1", "255.255.255.255", "0.0.0.0", "203.0.113", "::1"])
    func `what is no machine's IPv4 address is no EIP`(text: String) {
        #expect(throws: InvalidValue.self) { try AddressArgument.publicIPv4(text) }
    }

    @Test func `an address and a port are split at the right colon`() throws {
        let v4 = try SocketAddress(argument: "10.0.1.5:4000")
        #expect(v4.description == "10.0.1.5:4000")
        let v6 = try SocketAddress(argument: "[2001:db8::1]:4000")
        #expect(v6.description == "[2001:db8::1]:4000")
    }

    @Test(arguments: [
        "10.0.1.5", "10.0.1.5:", "10.0.1.5:0", "2001:db8::1:80", "[10.0.1.5]:80", "[::1]80",
        "[::1]", ":80", "",
    ])
    func `an address without a port, or badly joined to it, is refused`(text: String) {
        #expect(throws: InvalidValue.self) { try SocketAddress(argument: text) }
    }
}

@Suite struct TransportTests {
    @Test func `a listener is a protocol and a port`() throws {
        let listener = try ListenerPort(argument: "TCP/80")
        #expect(listener.transport == .tcp)
        #expect(listener.port == 80)
    }

    @Test(arguments: ["tcp", "tcp/", "tcp/0", "icmp/1", "80/tcp", "tcp/80/udp", "sctp/80"])
    func `what is no listener is refused`(text: String) {
        #expect(throws: InvalidValue.self) { try ListenerPort(argument: text) }
    }

    @Test func `a destination has a port, but for ICMP`() throws {
        let udp = try PacketDestination(argument: "198.51.100.1:53/udp")
        #expect(udp.port == 53)
        #expect(udp.description == "198.51.100.1:53/udp")
        let icmp = try PacketDestination(argument: "198.51.100.1/icmp")
        #expect(icmp.port == 0)
        let v6 = try PacketDestination(argument: "[2001:db8::1]:443/tcp")
        #expect(v6.address == IPAddress("2001:db8::1"))
    }

    @Test(arguments: [
        "198.51.100.1:53", "198.51.100.1/udp", "198.51.100.1:5/icmp", "198.51.100.1:0/udp",
        "198.51.100.1:53/sctp", "/udp",
    ])
    func `what is no destination is refused`(text: String) {
        #expect(throws: InvalidValue.self) { try PacketDestination(argument: text) }
    }
}

@Suite struct PacketDetailTests {
    @Test func `TCP flags are names with commas, in any case, or none`() throws {
        #expect(try TCPFlagNames(argument: "SYN,ack").names == ["syn", "ack"])
        #expect(try TCPFlagNames(argument: "none").names == [])
    }

    @Test(arguments: ["", "sin", "syn,", "syn ack", "S", "syn,none"])
    func `what names no TCP flag is refused`(text: String) {
        #expect(throws: InvalidValue.self) { try TCPFlagNames(argument: text) }
    }

    @Test func `an ICMP type is 0 to 255`() throws {
        #expect(try NumberArgument.icmpType("13") == 13)
        #expect(throws: InvalidValue.self) { try NumberArgument.icmpType("256") }
    }
}

@Suite struct SettingArgumentTests {
    @Test(arguments: [
        ("0", 0), ("none", 0), ("500", 500), ("20k", 20_000), ("1.5M", 1_500_000),
        ("10G", 10_000_000_000), ("0.25k", 250),
    ])
    func `an amount may have a unit`(text: String, value: Int) throws {
        #expect(try AmountArgument.limit(text) == value)
    }

    @Test(arguments: [
        "", "k", "-1", "1.5", "1.2345k", ".5k", "1.k", "1kk", "1 k", "1e3", "NONE",
        "99999999999999999999", "9999999999T",
    ])
    func `what is no whole amount is refused with examples`(text: String) {
        let error = #expect(throws: InvalidValue.self) { try AmountArgument.limit(text) }
        #expect(error?.description.contains("1.5M") == true)
    }

    @Test func `a timer rule has a prefix of either family and timers with seconds`() throws {
        let v4 = try TimerRuleArgument(argument: "203.0.113.0/24:tcp-established=3600,udp=30").rule
        #expect(v4.prefix == "203.0.113.0/24")
        #expect(v4.timeouts == API.TimeoutSettings(tcpEstablishedSeconds: 3_600, udpSeconds: 30))
        let v6 = try TimerRuleArgument(argument: "2001:db8::/48:tcp-closing=1").rule
        #expect(v6.prefix == "2001:db8::/48")
        #expect(v6.timeouts.tcpClosingSeconds == 1)
        #expect(try TimerRuleArgument(argument: "10.0.0.0/8:none").rule.timeouts.isEmpty)
    }

    @Test(arguments: [
        "", "udp=1", "10.0.0.0/8", "10.0.0.0/8:", "10.0.0.0:udp=1", "10.0.0.1/8:udp=1",
        "10.0.0.0/8:udp", "10.0.0.0/8:udp=", "10.0.0.0/8:udp=0", "10.0.0.0/8:udp=86401",
        "10.0.0.0/8:sctp=1", "10.0.0.0/8:udp=1,udp=2", "10.0.0.0/8:udp=1,",
    ])
    func `what is no timer rule is refused`(text: String) {
        #expect(throws: InvalidValue.self) { try TimerRuleArgument(argument: text) }
    }

    @Test func `a choice is one of its words, in any case`() throws {
        let algorithm: API.TargetAlgorithm = try ChoiceArgument.choice("Least-Flows")
        #expect(algorithm == .leastFlows)
        let error = #expect(throws: InvalidValue.self) {
            let _: API.ExpiryAction = try ChoiceArgument.choice("loud")
        }
        #expect(error?.description == "\"loud\" is not reset or silent")
    }

    @Test func `an MTU is 1280 to 9216`() throws {
        #expect(try NumberArgument.mtu("1280") == 1_280)
        #expect(throws: InvalidValue.self) { try NumberArgument.mtu("1279") }
        #expect(throws: InvalidValue.self) { try NumberArgument.mtu("9217") }
    }
}
