// What the engine tells: samples while it runs, the report at its end.

public import Wire

extension TrafficEngine {
    /// Adds what happened since the last sample to the timeline, and returns it.
    public mutating func sample(_ now: Tick) -> ReportSample {
        let seconds = Double(now - start) / 1e9
        let span = max(seconds - (timeline.last?.seconds ?? 0), 1e-9)
        let sample = ReportSample(
            seconds: seconds,
            newFlowsPerSecond: Double(counters.established - sampled.established) / span,
            packetsPerSecond: Double(counters.arrived - sampled.arrived) / span,
            bitsPerSecond: Double(counters.receivedBytes - sampled.receivedBytes) * 8 / span,
            liveFlows: liveFlows,
            p50Microseconds: Double(measures.recent.value(at: 0.5)) / 1000,
            p99Microseconds: Double(measures.recent.value(at: 0.99)) / 1000)
        measures.recent.clear()
        sampled = counters
        timeline.append(sample)
        return sample
    }

    /// What the live display shows beside a sample.
    public var status: LiveStatus {
        LiveStatus(
            underWay: counters.sent - min(counters.sent, counters.received),
            faults: counters.faults)
    }

    /// The report at the end of the run. `generatorOverflow`: packets that the generator's own
    /// sockets dropped, received or to be sent. Not to be used further afterwards.
    public mutating func finish(
        _ now: Tick, command: String, generatorOverflow: UInt64, stallNanoseconds: UInt64 = 0,
        exhaustion census: ExhaustionReport? = nil
    ) -> RunReport {
        outages.finish(now)
        let outage = outages.longest
        let seconds = max(Double(now - start) / 1e9, 1e-9)
        let opening = max(Double(lastOpened - start) / 1e9, 1e-9)
        var report = RunReport(
            verdict: .pass, failures: [], command: command, profile: workload.plan.profile.name,
            seed: workload.plan.seed, seconds: seconds, flows: flowCounts(),
            packets: packetCounts(generatorOverflow),
            rate: rate(opening),
            setupLatencyMicroseconds: RunReport.Latency(measures.setup),
            roundTripMicroseconds: RunReport.Latency(measures.roundTrip),
            generatorLatenessMicroseconds: RunReport.Latency(measures.lateness),
            generatorStallMilliseconds: Double(stallNanoseconds) / 1e6,
            longestOutageMilliseconds: Double(outage.nanoseconds) / 1e6,
            outageResolutionMilliseconds: Double(outage.resolutionNanoseconds) / 1e6,
            outageBucket: outage.nanoseconds > 0 ? name(ofTrack: outage.track) : nil,
            perNode: NodeCounters.reports(nodeCounters, topology, seconds: seconds),
            distribution: RunReport.Distribution(
                setup: measures.setup, roundTrip: measures.roundTrip),
            timeline: timeline, exhaustion: census)
        if let bystanders = bystanderReport() { report.exhaustion?.bystanders = bystanders }
        report.stages = exhaustion?.stages
        if !targets.isEmpty {
            report.targets = targets.map { $0.report(since: start) }
                .sorted { $0.target < $1.target }
        }
        if !eips.isEmpty {
            report.eips = eips.map { $0.report(since: start) }.sorted { $0.eip < $1.eip }
        }
        report.resources = resourceReports()
        report.faults = faultReport(now)
        report.steering = SteeringReport(
            announcements: counters.announcements, viewsTaken: counters.viewsTaken,
            viewChanges: counters.viewChanges, staleHops: counters.staleHops)
        report.exhaustion?.proven = exhaustion?.stages.last { !$0.isReuse }?.proven ?? 0
        report.judge(
            workload.plan.profile.criteria, openingSeconds: opening,
            intendedSeconds: Double(lastIntended - start) / 1e9)
        return report
    }

    /// While flows were being begun: what follows is only their running out.
    private func rate(_ opening: Double) -> RunReport.Rate {
        let counts = opened ?? counters
        return RunReport.Rate(
            newFlowsPerSecond: Double(counters.established) / opening,
            packetsPerSecond: Double(counts.received) / opening,
            bitsPerSecond: Double(counts.receivedBytes) * 8 / opening)
    }

    func name(ofTrack track: Int) -> String {
        guard track / topology.bucketCount < topology.services.count else {
            return "flows to another destination"
        }
        let service = topology.services[track / topology.bucketCount]
        return "\(service.tenant)/\(service.name) bucket \(track % topology.bucketCount)"
    }

    private func flowCounts() -> RunReport.Flows {
        RunReport.Flows(
            attempted: counters.attempted, established: counters.established,
            refused: counters.refused, broken: counters.broken, killed: counters.killed,
            misdelivered: counters.misdelivered,
            duplicateTranslations: counters.duplicateTranslations,
            changedTarget: counters.changedTarget,
            changedTranslation: counters.changedTranslation,
            wrongTranslation: counters.wrongTranslation, completed: counters.completed,
            unfinished: UInt64(liveFlows), borrowedPorts: counters.borrowedPorts)
    }

    private func packetCounts(_ generatorOverflow: UInt64) -> RunReport.Packets {
        let explained =
            counters.received + counters.badChecksum + counters.malformed + generatorOverflow
            + (exhaustion == nil ? 0 : counters.ofRefusedFlows)
        return RunReport.Packets(
            sent: counters.sent, received: counters.received, duplicated: counters.duplicated,
            lost: counters.sent > explained ? counters.sent - explained : 0,
            badChecksum: counters.badChecksum, refused: counters.ofRefusedFlows,
            generatorOverflow: generatorOverflow, malformed: counters.malformed,
            madeByNodes: counters.madeByNodes, late: counters.late,
            unexpected: counters.unexpected, badTCPNumbers: counters.badTCPNumbers,
            repeated: counters.repeated, relayed: counters.relayed,
            returnTaken: counters.returnTaken, leaked: counters.leaked)
    }
}
