// A NAT as a dictionary: what the engine may do with a packet, by the rules that users see. It
// never says which port; it says which are allowed. Sweeps take a moment, so a flow that is about
// to change its phase may be in either.
//
// What a TCP segment does to its connection is the tracker's to say, which has tests of its own:
// here its refusals are taken as they come, and its states are read from the engine.

import Configuration
import Node
import Steering
import Testing
import Translation
import Wire

/// The naive model of both tenants' gateways.
struct NaiveNAT {
    struct FlowName: Hashable {
        var gateway: ResourceID
        var outbound: FlowTuple
    }

    struct Flow {
        var translated: FlowTuple
        var state: FlowState
        var lastSeen: Tick
        var instance: Instance
        var phase = Phase.live
        /// When it went into its phase, or has settled by a step.
        var since: Tick
        /// Quiet times that it has been unsure for.
        var settling = 0
    }

    enum Phase {
        case absent, live, quiet
        /// A sweep came within a moment of its end. It settles within two quiet times.
        case unsure
    }

    let world: World
    private(set) var flows: [FlowName: Flow] = [:]
    /// Who was last seen with an external tuple. Across tenants: EIPs are theirs alone.
    private var owners: [FlowTuple: FlowName] = [:]
    /// Tuples whose port was on loan: their buckets keep them quiet once more.
    private var lent: Set<FlowTuple> = []
    /// Where each interface was last heard from.
    private var hosts: [ENI: IPAddress] = [:]
    private(set) var outcomes: [String: Int] = [:]

    init(_ world: World) { self.world = world }

    /// Records keep hundredths of a second.
    private static let precision = 0.03

    func gateway(_ id: ResourceID) -> NATGatewayEntry {
        world.snapshot.natGateways.first { $0.id == id }!
    }

    func phase(_ name: FlowName) -> Phase { flows[name]?.phase ?? .absent }

    /// The engine has swept its whole table, some time between two moments.
    mutating func swept(from first: Tick, to last: Tick) {
        let quiet = Double(ClusterSettings(id: 0).quietSeconds)
        for (name, flow) in flows {
            func passed(_ now: Tick, _ since: Tick) -> Double { Double(now - since) / 1e9 }
            switch flow.phase {
            case .absent: break
            case .live:
                let timeouts = gateway(name.gateway).timers.timeouts
                let end = Double(flow.state.timeoutCentiseconds(timeouts)) / 100
                if passed(first, flow.lastSeen) > end + Self.precision {
                    flows[name]?.phase = .quiet
                    flows[name]?.since = last
                } else if passed(last, flow.lastSeen) > end - Self.precision {
                    flows[name]?.phase = .unsure
                    flows[name]?.since = last
                }
            case .quiet:
                if passed(first, flow.since) > quiet + Self.precision {
                    flows[name] = nil
                } else if passed(last, flow.since) > quiet - 2 * Self.precision {
                    flows[name]?.phase = .unsure
                    flows[name]?.since = last
                }
            case .unsure:
                // Live it would be quiet now, quiet it would be gone.
                guard passed(first, flow.since) > quiet + Self.precision else { continue }
                flows[name]?.since = last
                flows[name]?.settling += 1
                if flow.settling == 1 { flows[name] = nil }
            }
        }
    }

    private mutating func note(_ outcome: String) { outcomes[outcome, default: 0] += 1 }
}

extension NaiveNAT {
    /// Judges what became of an outbound packet.
    mutating func outbound(
        _ datagram: Datagram, from instance: Instance, sent: Datagram?, cause: DropReason?,
        at now: Tick
    ) {
        let summary = datagram.summary
        let name = FlowName(gateway: datagram.overlay.resource, outbound: summary.tuple)
        let mayBegin =
            summary.kind != .tcp
            || summary.tcpFlags.intersection(
                [.syn, .ack, .rst, .fin]) == .syn
        let phase = phase(name)
        guard let sent else {
            return refused(phase, mayBegin, datagram, cause)
        }
        note("outbound \(phase)")
        let translated = sent.tuple
        checkTranslation(translated, of: datagram)
        switch phase {
        case .live:
            // Invariant 2.
            #expect(translated == flows[name]?.translated, "a live flow's translation changed")
        case .quiet:
            #expect(mayBegin, "a quiet flow was revived by \(summary.tcpFlags)")
            // A port on loan goes back when its flow ends, to rest at its lender's.
            if let last = flows[name]?.translated, !lent.contains(last) {
                #expect(translated == last)
            }
        case .absent:
            #expect(mayBegin, "a flow was begun by \(summary.tcpFlags)")
        case .unsure: break
        }
        take(translated, name)
        if world.portSets.bucket(of: translated.sourcePort) != datagram.overlay.bucket {
            lent.insert(translated)
        }
        flows[name] = Flow(
            translated: translated, state: FlowState(first: summary.tuple.ipProtocol),
            lastSeen: now,
            instance: instance, since: now)
        hosts[instance.eni] = datagram.machine
    }

    // Invariant 1.
    private mutating func take(_ translated: FlowTuple, _ name: FlowName) {
        if let owner = owners[translated], owner != name,
            flows[owner]?.translated == translated
        {
            let phase = phase(owner)
            #expect(phase == .unsure, "\(translated) is \(owner)'s, which is \(phase)")
            flows[owner] = nil
        }
        owners[translated] = name
    }

    // Invariant 5, and the bucket's port set.
    private func checkTranslation(_ translated: FlowTuple, of datagram: Datagram) {
        let gateway = gateway(datagram.overlay.resource)
        #expect(gateway.eips.contains { .v4($0.address) == translated.source })
        // Of its own bucket, or on loan from another.
        #expect(world.portSets.bucket(of: translated.sourcePort) != nil)
        #expect(translated.destination == datagram.tuple.destination)
        #expect(translated.destinationPort == datagram.tuple.destinationPort)
    }

    private mutating func refused(
        _ phase: Phase, _ mayBegin: Bool, _ datagram: Datagram, _ cause: DropReason?
    ) {
        note("outbound \(phase), \(cause.map(\.description) ?? "?")")
        if Self.isTracking(cause) { return expectTCP(phase, datagram) }
        #expect(phase != .live, "a packet of a live flow was dropped: \(String(describing: cause))")
        switch cause {
        case DropReason(.quietFlow):
            #expect(!mayBegin && phase != .absent)
        case DropReason(.notASYN):
            #expect(!mayBegin && phase != .quiet)
        case DropReason(.portsExhausted):
            let free = freePorts(datagram)
            #expect(free.isEmpty, "refused with \(free.count) ports free")
        default:
            Issue.record("dropped as \(String(describing: cause))")
        }
    }

    /// External tuples that certainly nobody has, for a flow of this packet.
    private func freePorts(_ datagram: Datagram) -> [FlowTuple] {
        let gateway = gateway(datagram.overlay.resource)
        return gateway.eips.flatMap { eip in
            world.snapshot.cluster.portRange.map { port in
                var tuple = datagram.tuple
                tuple.source = .v4(eip.address)
                tuple.sourcePort = Port(port)
                return tuple
            }
        }
        .filter { tuple in
            guard !lent.contains(tuple) else { return false }
            guard let owner = owners[tuple] else { return true }
            return flows[owner]?.translated != tuple
        }
    }

    /// Judges what became of an inbound packet.
    mutating func inbound(
        _ datagram: Datagram, sent: Datagram?, cause: DropReason?, at now: Tick
    ) {
        let summary = datagram.summary
        let owner = owners[summary.tuple.reversed].flatMap { name in
            name.gateway == datagram.overlay.resource
                && flows[name]?.translated == summary.tuple.reversed ? name : nil
        }
        let phase = owner.map { self.phase($0) } ?? .absent
        note("inbound \(phase), \(cause.map(\.description) ?? "sent")")
        if Self.isTracking(cause) { return expectTCP(phase, datagram) }
        guard let sent, let owner, let flow = flows[owner] else {
            #expect(sent == nil, "delivered to nobody's flow: \(summary.tuple)")
            #expect(phase != .live, "an answer to a live flow was dropped")
            return
        }
        #expect(phase == .live || phase == .unsure, "a quiet flow got an answer")
        #expect(sent.tuple == owner.outbound.reversed)
        // Invariant 5: to the interface that began it, where that was last heard from.
        #expect(sent.overlay.vni == flow.instance.vni)
        #expect(sent.overlay.eni == flow.instance.eni)
        #expect(sent.machine == hosts[flow.instance.eni])
        flows[owner]?.phase = .live
        flows[owner]?.settling = 0
        flows[owner]?.lastSeen = now
    }

    /// What the engine says of a TCP flow after a packet of it.
    mutating func track(_ description: FlowDescription, at now: Tick) {
        let name = FlowName(gateway: description.resource, outbound: description.outbound)
        guard description.state != .quiet else { return }
        flows[name]?.state = description.state
        flows[name]?.lastSeen = Tick(
            rawValue: now.rawValue - UInt64(description.idleCentiseconds) * 10_000_000)
    }

    private static func isTracking(_ cause: DropReason?) -> Bool {
        let causes: [DropCause] = [
            .tcpFlagsInvalid, .tcpOutOfWindow, .tcpResetInvalid, .tcpUnexpectedSYN,
        ]
        return causes.contains { DropReason($0) == cause }
    }

    private func expectTCP(_ phase: Phase, _ datagram: Datagram) {
        #expect(datagram.summary.kind == .tcp)
        #expect(phase == .live || phase == .unsure, "judged by a connection that isn't there")
    }
}
