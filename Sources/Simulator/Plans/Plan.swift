// A plan: a cluster, a network, a workload and the faults that it must bear. `docs/simulator.md`
// tells the text form.

package import Consensus

/// What a simulation runs.
public struct Plan: Sendable, Hashable {
    /// Of its file, without the ending.
    public var name: String
    var cluster = ClusterPlan()
    var time = TimePlan()
    var network = NetworkPlan()
    var workloads: [WorkloadPlan] = []
    var faults: [FaultPlan] = []
    var changes: [ChangePlan] = []
    /// A bug that the engines are told to have: the run must find it.
    package internal(set) var bug: PlantedBug?
}

/// The machines, and how they keep copies.
struct ClusterPlan: Sendable, Hashable {
    var nodes = 3
    var engines = 1
    /// Groups of tenants, each on its own members.
    var groups = 1
    /// k.
    var members = 3
    /// R.
    var copies = 2
    var buckets = 4
    var ports: ClosedRange<Int> = 1024...1087
    var hosts = 3
    var edges = 2
    var quietNanoseconds: UInt64 = 2_000_000_000
    var lossQuietNanoseconds: UInt64 = 3_000_000_000
    /// How far a clock's rate is off at most, in millionths.
    var driftPerMillion = 200
    /// How often an engine looks at its timers.
    var tickNanoseconds: UInt64 = 4_000_000
}

/// How long a run is.
struct TimePlan: Sendable, Hashable {
    /// Faults come in this time.
    var faultsNanoseconds: UInt64 = 8_000_000_000
    /// Then the cluster has this long to settle; answers are demanded of the second half of it.
    var settleNanoseconds: UInt64 = 4_000_000_000
    /// Idle times of flows, in seconds: UDP and ICMP; TCP while opening, established and closing.
    var idleSeconds = 2
}

/// What the network does to datagrams, all the time that faults last.
struct NetworkPlan: Sendable, Hashable {
    var delayNanoseconds: ClosedRange<UInt64> = 50_000...300_000
    /// Shares in millionths.
    var loss = 0
    var duplicate = 0
    /// Share that takes much longer than the others, and by how much.
    var straggle = 0
    var straggleNanoseconds: ClosedRange<UInt64> = 1_000_000...20_000_000
}

/// Which protocols flows speak.
enum FlowProtocol: String, Sendable, Hashable, CaseIterable { case udp, tcp, icmp }

/// Whose flows they are.
enum WorkloadKind: String, Sendable, Hashable, CaseIterable { case nat, balancer }

/// Flows that open at a rate, are used in both directions, and end.
struct WorkloadPlan: Sendable, Hashable {
    var kind = WorkloadKind.nat
    var tenants = 2
    /// Flows opened in a second, by all tenants together.
    var perSecond = 40
    var packets: ClosedRange<Int> = 2...12
    var gapNanoseconds: ClosedRange<UInt64> = 5_000_000...400_000_000
    /// Servers outside, or clients' own ports: the fewer, the sooner ports run out.
    var destinations = 3
    /// EIPs of each gateway.
    var eips = 1
    var protocols: [FlowProtocol] = [.udp, .tcp]
    /// Share of packets that are sent to a wrong node on purpose.
    var misrouted = 20_000
    /// Share of finished flows that open once more with the same addresses.
    var again = 300_000
    /// Most flows at a time.
    var most = 400
    /// Shares of clients outside and with IPv6: load balancers only.
    var usesIPv6 = false
}

/// Kinds of faults.
enum FaultKind: String, Sendable, Hashable, CaseIterable {
    /// A node's process is killed: memory is lost, the disk kept.
    case crash
    /// A machine is gone, with its disk, for good: another node takes its places in groups.
    case lose
    /// A node stands still, and wakes with what came meanwhile.
    case pause
    /// Datagrams of some links wait until it is over.
    case clog
    /// Datagrams of some links are lost.
    case cut
    /// A node hands its buckets over, as before maintenance.
    case drain
    /// A node can't fetch its configuration.
    case control
}

/// Which links a clog or cut takes.
enum LinkChoice: String, Sendable, Hashable, CaseIterable {
    /// One direction of one link.
    case oneway
    /// One link.
    case link
    /// All links of some nodes.
    case subset
    /// The nodes fall in two parts.
    case split
    /// Each node reaches only its neighbours in a ring.
    case ring
}

/// A kind of fault that comes again and again.
struct FaultPlan: Sendable, Hashable {
    var kind: FaultKind
    var everyNanoseconds: UInt64 = 2_000_000_000
    var afterNanoseconds: UInt64 = 500_000_000
    var forNanoseconds: ClosedRange<UInt64> = 100_000_000...1_000_000_000
    /// Nodes down or standing still at one time, at most.
    var most = 1
    /// A crash waits until every bucket has a full copy elsewhere.
    var spares = true
    var links = LinkChoice.link
    /// Hosts and edges take part, not the nodes alone.
    var machines = false
}

/// Changes of the configuration.
enum ChangeKind: String, Sendable, Hashable, CaseIterable {
    /// A new version with nothing new in it.
    case version
    /// An EIP takes no new flows for a while.
    case drainEIP = "drain-eip"
    /// An EIP goes from one tenant's gateway to another's.
    case moveEIP = "move-eip"
    /// A member of a group is replaced by a node that isn't in it.
    case replace
}

/// A change that comes again and again.
struct ChangePlan: Sendable, Hashable {
    var kind: ChangeKind
    var everyNanoseconds: UInt64 = 2_000_000_000
    var afterNanoseconds: UInt64 = 500_000_000
}
