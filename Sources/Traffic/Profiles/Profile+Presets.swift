// The profiles that have a name.

extension Profile {
    /// All presets, in the order that they are listed in.
    public static let presets: [Profile] = [
        .udp, .tcp, .mixed, .imix, .shortLived, .zipf, .long,
    ]

    public static func preset(_ name: String) -> Profile? { presets.first { $0.name == name } }

    private static func make(
        _ name: String, _ summary: String, _ change: (inout Profile) -> Void = { _ in }
    ) -> Profile {
        var profile = Profile()
        profile.name = name
        profile.summary = summary
        change(&profile)
        return profile
    }

    public static let udp = make(
        "udp", "UDP flows of two requests, half a second apart, over 126 servers")

    public static let tcp = make(
        "tcp", "TCP connections: handshake, three requests in half a second, closed both ways"
    ) {
        $0.protocols = ProtocolShares(udp: 0, tcp: 1)
        $0.requestIntervalMilliseconds = 250
        $0.destinations.ports = [80, 443, 8080]
    }

    public static let mixed = make(
        "mixed", "70 % TCP, 27 % UDP, 3 % echo; IMIX sizes; exponential lifetimes; Zipf 0.9"
    ) {
        $0.protocols = ProtocolShares(udp: 27, tcp: 70, icmp: 3)
        $0.sizes = SizeShare.imix
        $0.lifetime = Lifetime(.exponential, meanMilliseconds: 700)
        $0.destinations.zipfExponent = 0.9
    }

    public static let imix = make(
        "imix", "UDP in the sizes of the simple IMIX (7:4:1 of 64, 594 and 1518-byte frames)"
    ) {
        $0.sizes = SizeShare.imix
        $0.requestIntervalMilliseconds = 100
    }

    public static let shortLived = make(
        "short-lived", "UDP flows of one request, as resolvers make them"
    ) {
        $0.lifetime = Lifetime(.fixed, meanMilliseconds: 0)
        $0.destinations.ports = [53]
        $0.sizes = [SizeShare(bytes: 72, weight: 1)]
    }

    public static let zipf = make(
        "zipf", "UDP over 1,000 servers of which few are very popular (exponent 1.1)"
    ) {
        $0.destinations.prefix = "198.18.0.0/15"
        $0.destinations.count = 1000
        $0.destinations.zipfExponent = 1.1
    }

    public static let long = make(
        "long", "UDP and TCP flows that live five seconds and ask every 500 ms"
    ) {
        $0.protocols = ProtocolShares(udp: 1, tcp: 1)
        $0.lifetime = Lifetime(.fixed, meanMilliseconds: 5000)
    }
}
