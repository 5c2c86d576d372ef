// What a run sends: the mix of protocols and sizes, how flows begin and how long they live, and
// where they go. A profile file is this value in YAML; what it leaves out comes from its preset.

/// The shape of a run's traffic. How many flows in how many seconds is said beside it.
public struct Profile: Hashable, Sendable {
    public var name = "udp"
    /// One line for `hyperplane-traffic presets`.
    public var summary = ""
    public var protocols = ProtocolShares()
    /// Sizes of request packets, IP header included. Answers are as long as their requests.
    public var sizes = [SizeShare(bytes: 100, weight: 1)]
    public var arrivals = Arrivals.poisson
    public var lifetime = Lifetime()
    /// Between two requests of a flow. The first leaves when the flow begins, the last when its
    /// lifetime ends.
    public var requestIntervalMilliseconds = 500.0
    public var destinations = Destinations()
    /// Emulated instances in each VPC; nil takes as many as the flows need source ports.
    public var instancesPerVPC: Int?
    public var patience = Patience()
    public var criteria = Criteria()

    public init() {}

    /// What is wrong with the values, each with the key to mend; empty if nothing is.
    public func problems() -> [String] {
        var found: [String] = []
        if protocols.total == 0 { found.append("protocols: all weights are zero") }
        if sizes.reduce(0, { $0 + $1.weight }) <= 0 { found.append("sizes: all weights are zero") }
        for size in sizes where !(SizeShare.smallest...SizeShare.largest).contains(size.bytes) {
            found.append(
                "sizes: \(size.bytes) bytes is outside "
                    + "\(SizeShare.smallest) to \(SizeShare.largest)")
        }
        if sizes.contains(where: { $0.weight < 0 }) { found.append("sizes: a weight is negative") }
        if !(requestIntervalMilliseconds >= 0.1) {
            found.append("requestIntervalMilliseconds: less than 0.1")
        }
        if !(lifetime.meanMilliseconds >= 0) {
            found.append("lifetime.meanMilliseconds: negative")
        }
        if let instancesPerVPC, !(1...60_000).contains(instancesPerVPC) {
            found.append("instancesPerVPC: outside 1 to 60000")
        }
        return found + destinations.problems() + patience.problems()
    }
}

/// Weights of the protocols among new flows.
public struct ProtocolShares: Hashable, Sendable, Codable {
    public var udp = 1
    public var tcp = 0
    public var icmp = 0

    public init(udp: Int = 1, tcp: Int = 0, icmp: Int = 0) {
        self.udp = udp
        self.tcp = tcp
        self.icmp = icmp
    }

    public var total: Int { max(udp, 0) + max(tcp, 0) + max(icmp, 0) }
}

/// One size of packets and its weight among all.
public struct SizeShare: Hashable, Sendable, Codable {
    /// IPv4 header, UDP header and marker: the IP packet of a 64-byte Ethernet frame.
    public static let smallest = 46
    public static let largest = 9000
    public var bytes: Int
    public var weight: Int

    public init(bytes: Int, weight: Int) {
        self.bytes = bytes
        self.weight = weight
    }

    /// The simple IMIX, 7:4:1 of frames of 64, 594 and 1518 bytes, as IP packets (RFC 6985).
    public static let imix = [
        SizeShare(bytes: 46, weight: 7), SizeShare(bytes: 576, weight: 4),
        SizeShare(bytes: 1500, weight: 1),
    ]
}

/// How new flows follow one another. Either way they come whatever becomes of the earlier ones.
public enum Arrivals: String, Hashable, Sendable, Codable, CaseIterable {
    /// Independent of each other: exponential gaps.
    case poisson
    /// At equal distances.
    case uniform
}

/// How long flows live, from their first request to their last.
public struct Lifetime: Hashable, Sendable, Codable {
    public enum Distribution: String, Hashable, Sendable, Codable, CaseIterable {
        case fixed
        case exponential
        /// From zero to twice the mean.
        case uniform
    }

    public var distribution = Distribution.fixed
    public var meanMilliseconds = 500.0

    public init(_ distribution: Distribution = .fixed, meanMilliseconds: Double = 500) {
        self.distribution = distribution
        self.meanMilliseconds = meanMilliseconds
    }
}

/// The outside servers that flows through NAT gateways go to.
public struct Destinations: Hashable, Sendable {
    /// Servers have the addresses of this prefix from the second on. The lower half of the network
    /// is left to what is tried by hand, and to `exhaust`, which wants every port for itself.
    public var prefix = "198.51.100.128/25"
    public var count = 126
    public var ports: [UInt16] = [53, 123, 443, 4500]
    /// Popularity by rank; 0 makes all equal.
    public var zipfExponent = 0.0

    public init() {}

    func problems() -> [String] {
        var found: [String] = []
        if !(1...65_534).contains(count) { found.append("destinations.count: outside 1 to 65534") }
        if ports.isEmpty || ports.contains(0) {
            found.append("destinations.ports: empty, or holds a zero")
        }
        if !(0...4).contains(zipfExponent) {
            found.append("destinations.zipfExponent: outside 0 to 4")
        }
        return found
    }
}

/// How long the generator waits for answers, and how often it asks again.
public struct Patience: Hashable, Sendable, Codable {
    /// From a request that must be answered (the first of a TCP flow, the last of any) to its
    /// repetition.
    public var retryMilliseconds = 1000.0
    /// Sendings of such a request before the flow counts as refused or broken.
    public var attempts = 4

    public init() {}

    func problems() -> [String] {
        var found: [String] = []
        if !(retryMilliseconds >= 10) { found.append("patience.retryMilliseconds: less than 10") }
        if !(1...100).contains(attempts) { found.append("patience.attempts: outside 1 to 100") }
        return found
    }
}
