// Engines joined by real channels over a network that loses, copies, delays and reorders datagrams,
// and engines that die, of which others take over what was committed. Virtual time; the same seed gives the same run.

import Tables
import Wire

@testable import Consensus

/// What goes wrong, in percent.
struct Faults {
    var loss = 0
    var copies = 0
    /// Of datagrams that are delayed by much, so that later ones overtake them.
    var delays = 0
    /// Of turns in which an engine dies, and another one takes its buckets over.
    var crashesPerThousandTurns = 0
    /// Of turns in which one direction between two engines is cut, for up to 0.8 s.
    var cutsPerThousandTurns = 0

    static let none = Faults()
}

/// One engine as the network sees it: datagrams in, datagrams out.
final class NetworkEngine {
    let number: Int
    let layout: LoanLayout
    private var start: UInt64 = 1
    private var sends = 0
    var engine: LoanEngine

    init(_ number: Int, _ layout: LoanLayout, _ world: World, at now: Tick) {
        self.number = number
        self.layout = layout
        engine = LoanEngine(number, layout, world, start: 1, at: now)
    }

    func restart(_ world: World, at now: Tick) {
        start += 1
        engine = LoanEngine(number, layout, world, start: start, at: now)
    }

    /// A datagram came, from the address of a node.
    func receive(_ datagram: [UInt8], from node: UInt64, at now: Tick) {
        var bytes = datagram
        var span = bytes.mutableRawSpan
        _ = engine.exchange.handle(&span, from: NodeID(rawValue: node), at: now)
        engine.pump(at: now)
    }

    /// The end of a turn: what is to be sent.
    func send(at now: Tick) -> [(to: Int, datagram: [UInt8])] {
        engine.tick(now)
        engine.exchange.channels.tick(now)
        var sent: [(to: Int, datagram: [UInt8])] = []
        var buffer = [UInt8](repeating: 0, count: 1472)
        while true {
            var span = buffer.mutableRawSpan
            guard let (peer, length) = engine.exchange.poll(at: now, into: &span) else { break }
            for other in layout.nodes.indices where layout.address(of: other) == peer {
                sent.append((other, Array(buffer[..<length])))
            }
        }
        sends += 1
        if sends % 32 == 0 { engine.exchange.checkInvariants() }
        return sent
    }
}

/// The network, the engines, and the turns.
final class LoanNetwork {
    private struct Flight {
        var arrives: Tick
        var order: UInt64
        var from: Int
        var to: Int
        var datagram: [UInt8]
    }

    let layout: LoanLayout
    let world: World
    private(set) var engines: [NetworkEngine] = []
    var random: SplitMix
    var faults = Faults.none
    private(set) var now = Tick.seconds(100)
    private var flights: [Flight] = []
    private var order: UInt64 = 0
    /// By engines from and to: until when nothing gets through.
    private var cutUntil: [[Tick]]
    private(set) var crashes = 0

    init(_ layout: LoanLayout, seed: UInt64) {
        var layout = layout
        layout.isByNode = true
        self.layout = layout
        random = SplitMix(seed: seed)
        let never = [Tick](repeating: Tick(rawValue: 0), count: layout.nodes.count)
        cutUntil = Array(repeating: never, count: layout.nodes.count)
        world = World(quiet: layout.settings.quietNanoseconds)
        for number in layout.nodes.indices {
            engines.append(NetworkEngine(number, layout, world, at: now))
        }
    }

    func engine(of bucket: Int) -> LoanEngine {
        engines[layout.leader(of: BucketIndex(bucket))].engine
    }

    var flowCount: Int { engines.reduce(0) { $0 + $1.engine.flows.count } }

    /// One turn of every engine, and a quarter of a millisecond.
    func turn() {
        now = now + 250_000
        deliver()
        if random.below(1000) < faults.cutsPerThousandTurns {
            let (from, to) = (random.below(engines.count), random.below(engines.count))
            cutUntil[from][to] = now + random.next() % 800_000_000
        }
        for engine in engines {
            if random.below(1000) < faults.crashesPerThousandTurns {
                crashes += 1
                engine.restart(world, at: now)
            }
            for (to, datagram) in engine.send(at: now) {
                carry(datagram, from: engine.number, to: to)
            }
        }
    }

    func turns(_ count: Int) { for _ in 0..<count { turn() } }

    private func deliver() {
        let due = flights.filter { $0.arrives <= now }
            .sorted { ($0.arrives, $0.order) < ($1.arrives, $1.order) }
        flights.removeAll { $0.arrives <= now }
        for flight in due {
            engines[flight.to].receive(
                flight.datagram, from: layout.nodes[flight.from], at: now)
        }
    }

    private func carry(_ datagram: [UInt8], from: Int, to: Int) {
        if random.chance(faults.loss) || cutUntil[from][to] > now { return }
        let copies = random.chance(faults.copies) ? 2 : 1
        for _ in 0..<copies {
            var delay = 100_000 + random.next() % 200_000
            if random.chance(faults.delays) { delay += random.next() % 60_000_000 }
            order += 1
            flights.append(
                Flight(
                    arrives: now + delay, order: order, from: from, to: to, datagram: datagram))
        }
    }
}
