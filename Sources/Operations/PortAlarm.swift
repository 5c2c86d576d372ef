// When somebody is to be told that ports run short: once as a destination comes near exhaustion, and
// not again until it was well below. And how often anything may be told at all.

package import ControlClient
package import Wire

/// How much of its ports a destination uses.
package struct PortShare: Hashable, Sendable {
    package var place: PortPlace
    package var used: Int
    package var of: Int

    package init(place: PortPlace, used: Int, of: Int) {
        self.place = place
        self.used = used
        self.of = of
    }

    var fraction: Double { of == 0 ? 0 : Double(used) / Double(of) }
    var percent: Int { of == 0 ? 0 : used * 100 / of }
}

/// Which destinations are near exhaustion. Pure: it is told what is, and says what is new.
package struct PortAlarm: Sendable {
    /// The share at which a destination is near exhaustion, and below which it is no more.
    static let raisedFrom = 0.8
    static let easedBelow = 0.7
    /// Destinations that are remembered; of those beyond nothing is told.
    package static let capacity = 1024

    package private(set) var raised: Set<PortPlace> = []

    package init() {}

    /// - Parameter shares: all destinations of at least `easedBelow`.
    package mutating func observe(
        _ shares: [PortShare]
    ) -> (raised: [PortShare], eased: [PortPlace]) {
        let stillHigh = Set(shares.filter { $0.fraction >= Self.easedBelow }.map(\.place))
        let eased = raised.subtracting(stillHigh)
        raised.subtract(eased)
        var news: [PortShare] = []
        for share in shares where share.fraction >= Self.raisedFrom {
            guard raised.count < Self.capacity, raised.insert(share.place).inserted else {
                continue
            }
            news.append(share)
        }
        return (news, eased.sorted { $0.text < $1.text })
    }
}

/// Lines that may be written: some at once, then one in a while. What is not written is counted.
package struct LineAllowance: Sendable {
    static let burst = 10
    static let secondsPerLine: UInt64 = 6

    private var lines = Self.burst
    private var filled = Tick(rawValue: 0)
    private var suppressed = 0

    package init() {}

    /// Whether a line may be written now.
    package mutating func take(at now: Tick) -> Bool {
        refill(now)
        guard lines > 0 else {
            suppressed += 1
            return false
        }
        lines -= 1
        return true
    }

    /// How many were not written since the last call, if it is time to say so.
    package mutating func takeSuppressed(at now: Tick) -> Int? {
        refill(now)
        guard suppressed > 0, lines > 0 else { return nil }
        defer { suppressed = 0 }
        lines -= 1
        return suppressed
    }

    private mutating func refill(_ now: Tick) {
        let step = Self.secondsPerLine * 1_000_000_000
        guard now - filled >= step else { return }
        let more = (now - filled) / step
        lines = min(Self.burst, lines + Int(min(more, UInt64(Self.burst))))
        filled = now
    }
}

/// Which refusals were told, so that each client and destination is told once in a while.
package struct RefusalNews: Sendable {
    static let secondsBetween: UInt64 = 60

    private struct Subject: Hashable {
        var resource: String
        var client: String
        var destination: String
        var reason: String
    }

    private struct Told {
        var count: UInt64
        var at: Tick
    }

    private var told: [Subject: Told] = [:]

    package init() {}

    /// Those that are new, or went on for long enough, with how many came since they were told.
    ///
    /// - Parameter refusals: all that the node remembers, which bounds what is remembered here.
    package mutating func news(
        _ refusals: [NodeAPI.FlowRefusal], at now: Tick
    ) -> [(refusal: NodeAPI.FlowRefusal, more: UInt64)] {
        var next: [Subject: Told] = [:]
        var news: [(refusal: NodeAPI.FlowRefusal, more: UInt64)] = []
        for refusal in refusals {
            let subject = Subject(
                resource: refusal.resource, client: refusal.client,
                destination: refusal.destinationText, reason: refusal.reason)
            // A count that fell began anew after its place had been another's.
            let before = told[subject].flatMap { $0.count <= refusal.count ? $0 : nil }
            let more = refusal.count - (before?.count ?? 0)
            let isDue = before.map { now - $0.at >= Self.secondsBetween * 1_000_000_000 } ?? true
            if more > 0, isDue {
                news.append((refusal, more))
                next[subject] = Told(count: refusal.count, at: now)
            } else {
                next[subject] = before
            }
        }
        told = next
        return news
    }
}

extension NodeAPI.FlowRefusal {
    /// `address:port/protocol`, the address of IPv6 in brackets; without the port where there is none.
    var destinationText: String {
        let address = destination.contains(":") ? "[\(destination)]" : destination
        return (destinationPort == 0 ? address : "\(address):\(destinationPort)") + "/\(ipProtocol)"
    }
}
