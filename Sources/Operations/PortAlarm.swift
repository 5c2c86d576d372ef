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
    /// Destinations that are remembered, and those of one gateway; of others nothing is told.
    package static let capacity = 4096
    package static let capacityPerGateway = 32

    /// Of which a line was written.
    package private(set) var raised: Set<PortPlace> = []
    private var turns = LineTurns<ResourceID>()

    package init() {}

    /// What is new. A destination for which there is no line stays untold, and its turn comes.
    ///
    /// - Parameter shares: all destinations of at least `easedBelow`, the greatest first.
    package mutating func observe(
        _ shares: [PortShare], _ lines: inout LineAllowance, at now: Tick
    ) -> (raised: [PortShare], eased: [PortPlace], waiting: Int) {
        let stillHigh = Set(shares.filter { $0.fraction >= Self.easedBelow }.map(\.place))
        let eased = raised.subtracting(stillHigh)
        raised.subtract(eased)
        var ofGateway: [ResourceID: Int] = [:]
        for place in raised { ofGateway[place.gateway, default: 0] += 1 }
        let untold = shares.filter {
            $0.fraction >= Self.raisedFrom && !raised.contains($0.place)
        }
        var told: [PortShare] = []
        var waiting = 0
        for share in turns.inTurn(untold, \.place.gateway) {
            let gateway = share.place.gateway
            guard raised.count < Self.capacity,
                ofGateway[gateway, default: 0] < Self.capacityPerGateway
            else { continue }
            ofGateway[gateway, default: 0] += 1
            guard lines.take(at: now) else {
                waiting += 1
                continue
            }
            raised.insert(share.place)
            turns.tell(gateway)
            told.append(share)
        }
        return (told, eased.sorted { $0.text < $1.text }, waiting)
    }
}

/// Whose line is next: each owner's first before any one's second, and of these first who was told of
/// longest ago. So nobody keeps the others from being heard.
package struct LineTurns<Owner: Hashable & Sendable>: Sendable {
    private static var capacity: Int { 4096 }
    private var last: [Owner: UInt64] = [:]
    private var count: UInt64 = 0

    package init() {}

    /// The lines in the order in which they are to be written; of one owner in the order given.
    package func inTurn<Line>(_ lines: [Line], _ owner: (Line) -> Owner) -> [Line] {
        var ranks: [Owner: Int] = [:]
        let marked = lines.enumerated().map { offset, line in
            let owner = owner(line)
            let rank = ranks[owner, default: 0]
            ranks[owner] = rank + 1
            return (line: line, rank: rank, last: last[owner] ?? 0, offset: offset)
        }
        return marked.sorted { ($0.rank, $0.last, $0.offset) < ($1.rank, $1.last, $1.offset) }
            .map(\.line)
    }

    /// A line of the owner's was written.
    package mutating func tell(_ owner: Owner) {
        count += 1
        if last.count >= Self.capacity { last.removeAll() }
        last[owner] = count
    }
}

/// Lines that may be written: some at once, then one in a while.
package struct LineAllowance: Sendable {
    static let burst = 10
    static let secondsPerLine: UInt64 = 6

    private var lines = Self.burst
    private var filled = Tick(rawValue: 0)

    package init() {}

    /// Whether a line may be written now.
    package mutating func take(at now: Tick) -> Bool {
        refill(now)
        guard lines > 0 else { return false }
        lines -= 1
        return true
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

    fileprivate struct Subject: Hashable {
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
    private var turns = LineTurns<String>()

    package init() {}

    /// Those that are new, or went on for long enough, with how many came since they were told. One
    /// for which there is no line stays untold: its turn comes, or it is over.
    ///
    /// - Parameter refusals: all that the node remembers, which bounds what is remembered here.
    package mutating func news(
        _ refusals: [NodeAPI.FlowRefusal], _ lines: inout LineAllowance, at now: Tick
    ) -> (news: [(refusal: NodeAPI.FlowRefusal, more: UInt64)], waiting: Int) {
        var next: [Subject: Told] = [:]
        var due: [(refusal: NodeAPI.FlowRefusal, more: UInt64)] = []
        for refusal in refusals {
            let subject = Subject(refusal)
            // A count that fell began anew after its place had been another's.
            let before = told[subject].flatMap { $0.count <= refusal.count ? $0 : nil }
            next[subject] = before
            let more = refusal.count - (before?.count ?? 0)
            let isDue = before.map { now - $0.at >= Self.secondsBetween * 1_000_000_000 } ?? true
            guard more > 0, isDue, refusal.agoSeconds < Double(Self.secondsBetween) else {
                continue
            }
            due.append((refusal, more))
        }
        var news: [(refusal: NodeAPI.FlowRefusal, more: UInt64)] = []
        for entry in turns.inTurn(due, \.refusal.resource) {
            guard lines.take(at: now) else { break }
            next[Subject(entry.refusal)] = Told(count: entry.refusal.count, at: now)
            turns.tell(entry.refusal.resource)
            news.append(entry)
        }
        told = next
        return (news, due.count - news.count)
    }
}

extension RefusalNews.Subject {
    fileprivate init(_ refusal: NodeAPI.FlowRefusal) {
        self.init(
            resource: refusal.resource, client: refusal.client,
            destination: refusal.destinationText, reason: refusal.reason)
    }
}

extension NodeAPI.FlowRefusal {
    /// `address:port/protocol`, the address of IPv6 in brackets; without the port where there is none.
    var destinationText: String {
        let address = destination.contains(":") ? "[\(destination)]" : destination
        return (destinationPort == 0 ? address : "\(address):\(destinationPort)") + "/\(ipProtocol)"
    }
}
