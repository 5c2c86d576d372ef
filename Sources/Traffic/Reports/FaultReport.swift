// What a run under faults shows: what was done to which node when, and what flows noticed of it.

import Configuration
import Wire

/// Of `hold` while nodes are killed, paused or restarted.
public struct FaultReport: Hashable, Sendable, Codable {
    /// What the run is held against, beside the faults that are never allowed.
    public struct Limits: Hashable, Sendable, Codable {
        /// Of requests, spread over all buckets.
        public var leastPacketsPerSecond = 20_000.0
        /// Mean time between two sendings of any bucket.
        public var coarsestResolutionMilliseconds = 20.0
        public var longestOutageMilliseconds = 200.0
        /// A node that leads fewer of the flows shows little.
        public var leastShareOfFlows = 0.125
        /// Flows of a node that sent while nobody answered for it.
        public var leastFlowsSentInOutage = 100

        public init() {}
    }

    /// A fault of one node.
    public struct Strike: Hashable, Sendable, Codable {
        public var node: String
        public var what: String
        /// From the run's start, and from when all flows that are held were open.
        public var afterSeconds: Double
        public var afterAllOpenSeconds: Double
        /// Live flows that it led then, new ones too.
        public var flowsLed: Int
        public var shareOfFlows: Double
        /// Of these, those that sent within the outage of their bucket.
        public var flowsSentInOutage: Int
        /// The longest of the buckets that it led.
        public var outageMilliseconds: Double
    }

    /// One bucket of a resource.
    public struct Bucket: Hashable, Sendable, Codable {
        public var bucket: String
        public var outageMilliseconds: Double
        /// From when all flows were open; nil without an outage.
        public var outageAfterSeconds: Double?
        public var resolutionMilliseconds: Double
        public var packetsSent: UInt64
    }

    public var limits: Limits
    public var flowsHeld: Int
    public var newFlowsPerSecond: Double
    public var allOpenAfterSeconds: Double
    /// Requests while the flows were held.
    public var packetsPerSecond: Double
    /// Flows that were held at the first fault, and those of them that sent since.
    public var flowsAtFault: Int
    public var flowsSentAfterFault: Int
    /// Of the bucket that sent least.
    public var coarsestResolutionMilliseconds: Double
    public var strikes: [Strike]
    public var buckets: [Bucket]
}

extension FaultReport {
    var failures: [String] {
        var found: [String] = []
        if packetsPerSecond < limits.leastPacketsPerSecond {
            found.append(
                "\(Int(packetsPerSecond)) packets a second were sent while the flows were held, "
                    + "\(Int(limits.leastPacketsPerSecond)) are needed")
        }
        if coarsestResolutionMilliseconds > limits.coarsestResolutionMilliseconds {
            found.append(
                "a bucket sent only every \(Self.rounded(coarsestResolutionMilliseconds)) ms, the "
                    + "limit is \(Self.rounded(limits.coarsestResolutionMilliseconds)) ms")
        }
        if flowsSentAfterFault < flowsAtFault {
            found.append(
                "\(flowsAtFault - flowsSentAfterFault) of \(flowsAtFault) flows sent nothing after "
                    + "the fault")
        }
        return found + strikes.flatMap(failures)
    }

    private func failures(_ strike: Strike) -> [String] {
        var found: [String] = []
        if strike.shareOfFlows < limits.leastShareOfFlows {
            found.append(
                "\(strike.node) led \(Self.rounded(strike.shareOfFlows * 100)) % of the flows, less "
                    + "than the \(Self.rounded(limits.leastShareOfFlows * 100)) % that show something"
            )
        }
        if strike.flowsSentInOutage < limits.leastFlowsSentInOutage {
            found.append(
                "\(strike.flowsSentInOutage) flows of \(strike.node) sent within the outage, fewer "
                    + "than the \(limits.leastFlowsSentInOutage) that show something")
        }
        return found
    }

    /// With one digit.
    static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

extension TrafficEngine {
    /// What is known of the faults at the run's end.
    func faultReport(_ now: Tick) -> FaultReport? {
        guard let watch = faults, let newcomers = workload.plan.newcomers else { return nil }
        let allOpen = watch.allOpen ?? now
        let ending = watch.ending ?? now
        let held = max(Double(ending - allOpen) / 1e9, 1e-9)
        let sent = watch.ending == nil ? outages.sendings : watch.sentWhileHeld
        let buckets = (0..<outages.count - 1).map { bucketReport($0, since: allOpen) }
            .filter { $0.packetsSent > 0 }
        return FaultReport(
            limits: newcomers.limits, flowsHeld: workload.plan.flows,
            newFlowsPerSecond: newcomers.flowsPerSecond,
            allOpenAfterSeconds: Double(allOpen - start) / 1e9,
            packetsPerSecond: Double(sent) / held, flowsAtFault: watch.watched,
            flowsSentAfterFault: watch.watchedThatSent,
            coarsestResolutionMilliseconds: buckets.map(\.resolutionMilliseconds).max() ?? 0,
            strikes: watch.strikes.map { strikeReport($0, since: allOpen) }, buckets: buckets)
    }

    private func bucketReport(_ track: Int, since allOpen: Tick) -> FaultReport.Bucket {
        let found = outages.track(track)
        return FaultReport.Bucket(
            bucket: name(ofTrack: track),
            outageMilliseconds: Double(found.longestNanoseconds) / 1e6,
            outageAfterSeconds: found.longestSince.map { Double($0 - allOpen) / 1e9 },
            resolutionMilliseconds: Double(found.resolutionNanoseconds) / 1e6,
            packetsSent: found.sendings)
    }

    private func strikeReport(
        _ strike: FaultWatch.Strike, since allOpen: Tick
    ) -> FaultReport.Strike {
        let tracks = strike.leaders.indices.filter { Int(strike.leaders[$0]) == strike.node }
        let longest = tracks.map { outages.track($0).longestNanoseconds }.max() ?? 0
        return FaultReport.Strike(
            node: topology.nodes[strike.node].name, what: strike.what,
            afterSeconds: Double(strike.at - start) / 1e9,
            afterAllOpenSeconds: Double(strike.at - allOpen) / 1e9, flowsLed: strike.flowsLed,
            shareOfFlows: Double(strike.flowsLed) / Double(max(strike.flows, 1)),
            flowsSentInOutage: strike.sendings.count {
                outages.track(Int($0.track)).isInLongest($0.at)
            },
            outageMilliseconds: Double(longest) / 1e6)
    }
}
