// The text of plans: all of the repository's are read, and what is wrong is told by its line.

import Testing

@testable import Simulator

struct PlanTests {
    @Test func `all plans can be read`() throws {
        let names = try Plans.names
        #expect(names.count >= 5)
        for name in names { _ = try Plans.read(name) }
    }

    @Test(arguments: [
        ("clusters nodes=3", "line 1: `clusters` begins no line"),
        ("cluster nodes=0", "line 1: nodes=0: a number from 1 to 9 is wanted"),
        ("cluster nodes=3 nodes=4", "line 1: `nodes` stands twice"),
        ("cluster nodes", "line 1: `nodes` is not a field"),
        ("cluster node=3", "line 1: `cluster` has no field `node`; it has nodes, engines"),
        ("cluster\ncluster", "line 2: `cluster` stands twice"),
        ("# a comment\n\nnetwork loss=101%", "line 3: loss=101%: a share is wanted"),
        ("network delay=5ms..1ms", "line 1: delay=5ms..1ms: the first is longer"),
        ("network delay=5", "line 1: delay=5: a time is wanted"),
        ("workload protocols=udp,sctp", "line 1: protocols=udp,sctp: `sctp` is none of"),
        ("fault every=1s", "line 1: a fault has kind= one of crash"),
        ("fault kind=crash links=ring", "line 1: `fault` has no field `links`"),
        ("cluster buckets=5 ports=1024..1027\nworkload", "5 buckets don't divide 4 ports"),
        ("cluster nodes=2 members=3\nworkload", "3 members of 2 nodes"),
        ("planted bug=lease-ignored\nworkload", "plans with a planted bug"),
        ("", "a plan has at least one workload"),
    ])
    func `what is wrong is told`(text: String, message: String) {
        do {
            _ = try Plan(name: "test", text: text)
            Issue.record("it was read")
        } catch {
            #expect(error.description.hasPrefix(message), "\(error)")
        }
    }

    @Test func `values carry their units`() throws {
        let plan = try Plan(
            name: "test",
            text: """
                cluster nodes=5 ports=1024..1039 drift=0.05%
                network delay=50us..2ms loss=1.25%
                workload kind=balancer rate=7
                fault kind=cut links=ring every=3s for=20ms
                """)
        #expect(plan.cluster.nodes == 5 && plan.cluster.ports == 1024...1039)
        #expect(plan.cluster.driftPerMillion == 500)
        #expect(plan.network.delayNanoseconds == 50_000...2_000_000)
        #expect(plan.network.loss == 12_500)
        #expect(plan.workloads.first?.perSecond == 7)
        #expect(plan.faults.first?.forNanoseconds == 20_000_000...20_000_000)
    }
}
