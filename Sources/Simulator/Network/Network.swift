// The network between machines: datagrams are delayed, lost, doubled and overtaken; links are
// clogged, so that all waits, or cut, so that all is lost, each direction for itself.

/// The state of all links.
struct Network: Sendable {
    private let machines: Int
    private let settings: NetworkPlan
    private var random: SeededRandom
    /// By link, from and to: until when.
    private var cloggedUntil: [Moment]
    private var cutUntil: [Moment]
    /// Faults are over: nothing is lost, doubled or late any more.
    private var isCalm = false

    /// What is on its way, by place; places are used again.
    private(set) var datagrams: [Datagram] = []
    private var free: [Int] = []

    init(_ plan: Plan, machines: Int, seed: UInt64) {
        self.machines = machines
        settings = plan.network
        random = SeededRandom(seed: seed, stream: .network)
        cloggedUntil = Array(repeating: .start, count: machines * machines)
        cutUntil = cloggedUntil
    }

    /// What becomes of a datagram: when it arrives, once, twice or never.
    enum Fate: Sendable, Hashable { case lost, cut, once(Moment), twice(Moment, Moment) }

    mutating func fate(from: Machine, to: Machine, at now: Moment) -> Fate {
        let link = from * machines + to
        if cutUntil[link] > now { return .cut }
        if !isCalm, random.chance(perMillion: settings.loss) { return .lost }
        let first = arrival(link, now)
        guard !isCalm, random.chance(perMillion: settings.duplicate) else { return .once(first) }
        return .twice(first, arrival(link, now))
    }

    private mutating func arrival(_ link: Int, _ now: Moment) -> Moment {
        var arrival = max(now, cloggedUntil[link]) + random.nanoseconds(settings.delayNanoseconds)
        if !isCalm, random.chance(perMillion: settings.straggle) {
            arrival = arrival + random.nanoseconds(settings.straggleNanoseconds)
        }
        return arrival
    }

    mutating func clog(from: Machine, to: Machine, until: Moment) {
        let link = from * machines + to
        cloggedUntil[link] = max(cloggedUntil[link], until)
    }

    mutating func cut(from: Machine, to: Machine, until: Moment) {
        let link = from * machines + to
        cutUntil[link] = max(cutUntil[link], until)
    }

    /// Ends all faults.
    mutating func calm() {
        isCalm = true
        for link in cutUntil.indices {
            cutUntil[link] = .start
            cloggedUntil[link] = .start
        }
    }

    // MARK: On the way

    mutating func store(_ datagram: Datagram) -> Int {
        if let place = free.popLast() {
            datagrams[place] = datagram
            return place
        }
        datagrams.append(datagram)
        return datagrams.count - 1
    }

    mutating func take(_ place: Int) -> Datagram {
        let datagram = datagrams[place]
        datagrams[place] = Datagram(from: 0, to: 0, bytes: [])
        free.append(place)
        return datagram
    }
}
