// Reading a plan's text: strictly, so that a fault that was misspelt is not a fault that was
// survived.

import Consensus

extension Plan {
    /// Reads a plan's text. Throws at the first thing that is wrong.
    public init(name: String, text: String) throws(PlanError) {
        self.init(name: name)
        var seen: Set<String> = []
        for (index, content) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            guard var line = try PlanLine(content, number: index + 1) else { continue }
            let isRepeatable = ["workload", "fault", "change"].contains(line.word)
            guard isRepeatable || seen.insert(line.word).inserted else {
                throw line.failure("`\(line.word)` stands twice")
            }
            try read(&line)
            try line.finish()
        }
        try check()
    }

    private mutating func read(_ line: inout PlanLine) throws(PlanError) {
        switch line.word {
        case "cluster": cluster = try ClusterPlan(&line)
        case "time": time = try TimePlan(&line)
        case "network": network = try NetworkPlan(&line)
        case "workload": workloads.append(try WorkloadPlan(&line))
        case "fault": faults.append(try FaultPlan(&line))
        case "change": changes.append(try ChangePlan(&line))
        case "planted":
            guard let text = line.text("bug"), let bug = PlantedBug(rawValue: text) else {
                let all = PlantedBug.allCases.map(\.rawValue).joined(separator: ", ")
                throw line.failure("planted has bug= one of \(all)")
            }
            self.bug = bug
        default:
            throw line.failure(
                "`\(line.word)` begins no line; a plan has cluster, time, network, workload, "
                    + "fault, change, planted")
        }
    }

    /// What must hold between lines.
    private func check() throws(PlanError) {
        func fail(_ message: String) -> PlanError { PlanError(line: 0, message: message) }
        guard !workloads.isEmpty else { throw fail("a plan has at least one workload") }
        guard cluster.members <= cluster.nodes else {
            throw fail("\(cluster.members) members of \(cluster.nodes) nodes")
        }
        guard cluster.copies <= cluster.members else {
            throw fail("\(cluster.copies) copies on \(cluster.members) members")
        }
        guard cluster.ports.count % cluster.buckets == 0 else {
            throw fail("\(cluster.buckets) buckets don't divide \(cluster.ports.count) ports")
        }
        let moves = changes.contains { $0.kind == .moveEIP }
        guard !moves || workloads.contains(where: { $0.kind == .nat && $0.tenants > 1 }) else {
            throw fail("move-eip needs a nat workload of two tenants or more")
        }
        let replaces =
            changes.contains { $0.kind == .replace } || faults.contains { $0.kind == .lose }
        guard !replaces || cluster.nodes > cluster.members else {
            throw fail("to replace a member there must be a node that is none")
        }
        guard (bug != nil) == name.hasPrefix("planted-") else {
            throw fail("plans with a planted bug, and only they, are named planted-*")
        }
    }
}

extension ClusterPlan {
    init(_ line: inout PlanLine) throws(PlanError) {
        self.init()
        nodes = try line.count("nodes", 1...9, default: nodes)
        engines = try line.count("engines", 1...4, default: engines)
        groups = try line.count("groups", 1...8, default: groups)
        members = try line.count("members", 1...7, default: min(nodes, members))
        copies = try line.count("copies", 1...7, default: min(members, copies))
        buckets = try line.count("buckets", 1...64, default: buckets)
        ports = try line.counts("ports", 1...65535, default: ports)
        hosts = try line.count("hosts", 1...9, default: hosts)
        edges = try line.count("edges", 1...4, default: edges)
        quietNanoseconds = try line.duration("quiet", default: quietNanoseconds)
        lossQuietNanoseconds = try line.duration("lossQuiet", default: lossQuietNanoseconds)
        driftPerMillion = try line.share("drift", default: driftPerMillion)
        tickNanoseconds = try line.duration("tick", default: tickNanoseconds)
        guard quietNanoseconds % 1_000_000_000 == 0, lossQuietNanoseconds % 1_000_000_000 == 0
        else { throw line.failure("quiet times are whole seconds") }
        guard driftPerMillion <= 10_000 else { throw line.failure("drift is 1% at most") }
        guard tickNanoseconds >= 1_000_000 else { throw line.failure("tick is 1ms or more") }
    }
}

extension TimePlan {
    init(_ line: inout PlanLine) throws(PlanError) {
        self.init()
        faultsNanoseconds = try line.duration("faults", default: faultsNanoseconds)
        settleNanoseconds = try line.duration("settle", default: settleNanoseconds)
        idleSeconds = try line.count("idle", 1...60, default: idleSeconds)
        guard settleNanoseconds >= 2_000_000_000 else {
            throw line.failure("settle is 2s or more")
        }
    }
}

extension NetworkPlan {
    init(_ line: inout PlanLine) throws(PlanError) {
        self.init()
        delayNanoseconds = try line.durations("delay", default: delayNanoseconds)
        loss = try line.share("loss", default: loss)
        duplicate = try line.share("duplicate", default: duplicate)
        straggle = try line.share("straggle", default: straggle)
        straggleNanoseconds = try line.durations("straggleBy", default: straggleNanoseconds)
    }
}

extension WorkloadPlan {
    init(_ line: inout PlanLine) throws(PlanError) {
        self.init()
        kind = try line.choice("kind", default: kind)
        tenants = try line.count("tenants", 1...8, default: tenants)
        perSecond = try line.count("rate", 1...2000, default: perSecond)
        packets = try line.counts("packets", 1...1000, default: packets)
        gapNanoseconds = try line.durations("gap", default: gapNanoseconds)
        destinations = try line.count("destinations", 1...64, default: destinations)
        eips = try line.count("eips", 1...4, default: eips)
        protocols = try line.choices("protocols", default: protocols)
        misrouted = try line.share("misrouted", default: misrouted)
        again = try line.share("again", default: again)
        most = try line.count("most", 1...1000, default: most)
        usesIPv6 = try line.count("ipv6", 0...1, default: 0) == 1
        guard kind == .nat || !protocols.contains(.icmp) else {
            throw line.failure("a load balancer has no listener for icmp")
        }
        guard kind == .balancer || !usesIPv6 else {
            throw line.failure("a NAT gateway translates IPv4 only")
        }
    }
}

extension FaultPlan {
    init(_ line: inout PlanLine) throws(PlanError) {
        guard let text = line.text("kind"), let kind = FaultKind(rawValue: text) else {
            let all = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw line.failure("a fault has kind= one of \(all)")
        }
        self.init(kind: kind)
        everyNanoseconds = try line.duration("every", default: everyNanoseconds)
        afterNanoseconds = try line.duration("after", default: afterNanoseconds)
        forNanoseconds = try line.durations("for", default: forNanoseconds)
        guard everyNanoseconds >= 1_000_000 else { throw line.failure("every=1ms or more") }
        switch kind {
        case .clog, .cut:
            links = try line.choice("links", default: links)
            machines = try line.count("machines", 0...1, default: 0) == 1
        case .crash, .lose, .pause, .drain, .control:
            most = try line.count("most", 1...9, default: most)
            guard kind == .crash else { break }
            spares = try line.count("spares", 0...1, default: 1) == 1
        }
    }
}

extension ChangePlan {
    init(_ line: inout PlanLine) throws(PlanError) {
        guard let text = line.text("kind"), let kind = ChangeKind(rawValue: text) else {
            let all = ChangeKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw line.failure("a change has kind= one of \(all)")
        }
        self.init(kind: kind)
        everyNanoseconds = try line.duration("every", default: everyNanoseconds)
        afterNanoseconds = try line.duration("after", default: afterNanoseconds)
        guard everyNanoseconds >= 1_000_000 else { throw line.failure("every=1ms or more") }
    }
}
