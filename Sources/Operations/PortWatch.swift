// The node's look at its own ports, again and again: for metrics, and for whoever reads its log, so that
// exhaustion is seen before it hurts.

import Configuration
import ControlClient
public import Logging
import Node
import Translation
import Wire

/// What the last look found.
struct PortReport: Sendable {
    struct Gateway: Sendable {
        var id: ResourceID
        /// The destination that has most; nil while no port is in use.
        var greatest: PortShare?
        /// Destinations at `PortAlarm.raisedFrom` or above.
        var nearExhaustion = 0
    }

    var gateways: [Gateway]
    var at: Tick

    init(_ survey: PortSurvey, at now: Tick) {
        var gateways: [ResourceID: Gateway] = [:]
        for id in survey.portsPerEIP.keys { gateways[id] = Gateway(id: id) }
        survey.forEachShare { share in
            guard var gateway = gateways[share.place.gateway] else { return }
            if share.fraction >= PortAlarm.raisedFrom { gateway.nearExhaustion += 1 }
            // Of equals the first by name, so that two scrapes tell of the same one.
            let isGreater = gateway.greatest.map {
                (share.used, $0.place.text) > ($0.used, share.place.text)
            }
            if isGreater ?? true { gateway.greatest = share }
            gateways[share.place.gateway] = gateway
        }
        self.gateways = gateways.values.sorted { $0.id.rawValue < $1.id.rawValue }
        at = now
    }
}

extension PortSurvey {
    /// Visits every destination with what it uses of its gateway's ports.
    func forEachShare(_ body: (PortShare) -> Void) {
        uses.forEach { place, tally in
            body(PortShare(place: place, used: tally.used, of: usablePorts(of: place.gateway)))
        }
    }
}

/// What the watch remembers between two looks.
private struct WatchMemory {
    var alarm = PortAlarm()
    var news = RefusalNews()
    /// Apart, so that no client's refusals keep a warning back.
    var alarmLines = LineAllowance()
    var refusalLines = LineAllowance()
    /// When it was last said that lines wait.
    var saidWaiting: Tick?
}

extension NodeOperations {
    /// At least so long between two looks, and at least four times what the last one took: so it
    /// costs the engines little whatever they hold.
    private static let interval: Duration = .seconds(1)
    private static let pause: Duration = .milliseconds(2)
    /// Nanoseconds between two lines that say how many wait.
    private static let waitingInterval: UInt64 = 60_000_000_000

    /// Looks until it is cancelled.
    public func watchPorts(_ logger: Logger) async {
        var memory = WatchMemory()
        let clock = ContinuousClock()
        while !Task.isCancelled {
            let took = await clock.measure { await look(&memory, logger) }
            try? await Task.sleep(for: max(Self.interval, took * 4))
        }
    }

    private func look(_ memory: inout WatchMemory, _ logger: Logger) async {
        let survey = await survey(.destination, PortFilter(), pause: Self.pause)
        let now = clock()
        setPortReport(PortReport(survey, at: now))
        let alarms = tell(survey, &memory, now, logger)
        let found = await refusals(PortFilter())
        let (news, refusals) = memory.news.news(found, &memory.refusalLines, at: now)
        for (refusal, more) in news {
            logger.warning("flows refused: \(refusal.reason)", metadata: words(refusal, more))
        }
        let isSilent = memory.saidWaiting.map { now - $0 < Self.waitingInterval } ?? false
        if alarms + refusals > 0, !isSilent {
            memory.saidWaiting = now
            logger.warning("\(alarms + refusals) more warnings about ports and refusals wait")
        }
    }

    /// Warns of destinations near exhaustion; how many must wait for a line.
    private func tell(
        _ survey: PortSurvey, _ memory: inout WatchMemory, _ now: Tick, _ logger: Logger
    ) -> Int {
        var shares: [PortShare] = []
        survey.forEachShare { if $0.fraction >= PortAlarm.easedBelow { shares.append($0) } }
        shares.sort { ($1.used, $0.place.text) < ($0.used, $1.place.text) }
        let (raised, eased, waiting) = memory.alarm.observe(shares, &memory.alarmLines, at: now)
        for share in raised {
            var words = words(share.place)
            words["used"] = "\(share.used)"
            words["of"] = "\(share.of)"
            logger.warning(
                "\(share.percent) % of this node's ports toward a destination are in use",
                metadata: words)
        }
        // Good news may be left out.
        for place in eased where waiting == 0 && memory.alarmLines.take(at: now) {
            logger.notice("ports toward a destination suffice again", metadata: words(place))
        }
        return waiting
    }

    private func words(_ place: PortPlace) -> Logger.Metadata {
        let snapshot = current.snapshot
        let gateway = snapshot?.natGateways.first { $0.id == place.gateway }
        return [
            "tenant": "\(tenantName(gateway?.tenant, snapshot))",
            "natGateway": "\(gateway?.name ?? Identifier(place.gateway, .natGateway).description)",
            "destination": "\(place.target?.text ?? "")",
        ]
    }

    private func words(_ refusal: NodeAPI.FlowRefusal, _ more: UInt64) -> Logger.Metadata {
        let snapshot = current.snapshot
        let id = Identifier(refusal.resource).map { ResourceID(rawValue: $0.rawValue) }
        let name =
            snapshot?.natGateways.first { $0.id == id }?.name
            ?? snapshot?.loadBalancers.first { $0.id == id }?.name
        return [
            "tenant": "\(tenantName(id.flatMap { snapshot?.tenant(of: $0) }, snapshot))",
            "resource": "\(name ?? refusal.resource)", "client": "\(refusal.client)",
            "destination": "\(refusal.destinationText)", "packets": "\(more)",
        ]
    }

    private func tenantName(_ id: UInt64?, _ snapshot: Snapshot?) -> String {
        guard let id else { return "unknown" }
        return snapshot?.tenants.first { $0.id == id }?.name
            ?? Identifier(.tenant, id).description
    }
}
