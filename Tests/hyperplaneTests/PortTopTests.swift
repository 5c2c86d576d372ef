// Several nodes' answers become one table: sums, shares, order, and the word of warning.

import ControlClient
import Testing
import hyperplane

@Suite struct PortTopTests {
    private static let gateway = "nat-000000000000000a1"

    private func use(
        _ used: Int, _ destination: String?, subject: String? = nil, onLoan: Int = 0
    ) -> NodeAPI.PortUse {
        var use = NodeAPI.PortUse(
            natGateway: Self.gateway, subject: subject, used: used, quiet: 0, onLoan: onLoan)
        use.destination = destination
        use.destinationPort = destination.map { _ in 443 }
        use.ipProtocol = destination.map { _ in "tcp" }
        return use
    }

    private func answer(
        _ node: String, ports: Int, eips: [String] = ["203.0.113.1"], _ uses: [NodeAPI.PortUse],
        _ refusals: [NodeAPI.FlowRefusal] = []
    ) -> NodeAPI.PortAnswer {
        NodeAPI.PortAnswer(
            node: node,
            gateways: [
                NodeAPI.GatewayPorts(
                    natGateway: Self.gateway, tenant: "ten-00000000000000001", portsPerEIP: ports,
                    eips: eips)
            ], uses: uses, unlisted: 0, refusals: refusals)
    }

    private func refusal(_ client: String, _ count: UInt64, ago: Double) -> NodeAPI.FlowRefusal {
        NodeAPI.FlowRefusal(
            resource: Self.gateway, tenant: "ten-00000000000000001", client: client,
            destination: "198.51.100.7", destinationPort: 443, ipProtocol: "tcp",
            reason: "portsExhausted", count: count, agoSeconds: ago)
    }

    private func name(_ id: String) -> String { id == Self.gateway ? "main" : "acme" }

    @Test func `ports of all nodes are added up, and the fullest destination stands first`() {
        let top = PortTop(
            [
                answer(
                    "a", ports: 600, [use(590, "198.51.100.7", onLoan: 2), use(60, "192.0.2.9")]),
                answer("b", ports: 400, [use(250, "198.51.100.7")]),
            ], by: .destination, limit: 20)
        #expect(
            top.table(name).lines() == [
                "TENANT  GATEWAY  DESTINATION           USED    OF   SHARE  LEVEL       LOANS  QUIET",
                "acme    main     198.51.100.7:443/tcp   840  1000  84.0 %  ########..      2      0",
                "acme    main     192.0.2.9:443/tcp       60  1000   6.0 %  ..........      0      0",
            ])
        #expect(
            top.warnings(name) == [
                "NAT gateway main of acme uses 84.0 % of its ports toward 198.51.100.7:443/tcp "
                    + "(840 of 1000)",
                "another EIP adds ports: hyperplane nat-gateway add-eip main EIP",
            ])
        #expect(top.refusalLines(name).isEmpty)
    }

    @Test func `a second EIP doubles what a destination can use, and quiets the warning`() {
        let top = PortTop(
            [
                answer(
                    "a", ports: 1000, eips: ["203.0.113.1", "203.0.113.2"],
                    [use(1000, "198.51.100.7")])
            ], by: .destination, limit: 20)
        #expect(top.uses.map(\.of) == [2000])
        #expect(top.warnings(name).isEmpty)
    }

    @Test func `by client the destination that has most is shown beside the sum of all`() {
        let top = PortTop(
            [
                answer(
                    "a", ports: 600,
                    [
                        use(90, "198.51.100.7", subject: "10.0.1.5"),
                        use(100, "192.0.2.9", subject: "10.0.1.5"),
                        use(190, nil, subject: "10.0.1.5"),
                    ]),
                answer(
                    "b", ports: 400,
                    [
                        use(30, "198.51.100.7", subject: "10.0.1.5"),
                        use(30, nil, subject: "10.0.1.5"), use(7, nil, subject: "10.0.1.6"),
                        use(7, "192.0.2.9", subject: "10.0.1.6"),
                    ]),
            ], by: .client, limit: 20)
        #expect(
            top.table(name).lines().map { $0.split(separator: " ").joined(separator: " ") } == [
                "TENANT GATEWAY CLIENT PORTS MOST TOWARD USED OF SHARE LEVEL LOANS QUIET",
                "acme main 10.0.1.5 220 198.51.100.7:443/tcp 120 1000 12.0 % #......... 0 0",
                "acme main 10.0.1.6 7 192.0.2.9:443/tcp 7 1000 0.7 % .......... 0 0",
            ])
    }

    @Test func `by EIP the share is of that EIP's ports`() {
        let top = PortTop(
            [
                answer(
                    "a", ports: 1000, eips: ["203.0.113.1", "203.0.113.2"],
                    [
                        use(1000, "198.51.100.7", subject: "203.0.113.1"),
                        use(1200, nil, subject: "203.0.113.1"),
                    ])
            ], by: .eip, limit: 20)
        #expect(top.uses.map(\.share) == [1])
        #expect(top.uses.map(\.usedInAll) == [1200])
        #expect(top.warnings(name).first?.contains("EIP 203.0.113.1 uses 100.0 %") == true)
    }

    @Test func `refusals of all nodes are one line for each client, the newest first`() {
        let top = PortTop(
            [
                answer("a", ports: 1, [], [refusal("10.0.1.5", 1200, ago: 8)]),
                answer(
                    "b", ports: 1, [],
                    [refusal("10.0.1.5", 300, ago: 4), refusal("10.0.1.9", 1, ago: 2)]),
                answer("c", ports: 1, [], [refusal("10.0.1.7", 1, ago: 1000)]),
            ], by: .destination, limit: 20)
        #expect(
            top.refusalLines(name) == [
                "TENANT  RESOURCE  CLIENT    DESTINATION           REFUSED AS      PACKETS    LAST",
                "acme    main      10.0.1.9  198.51.100.7:443/tcp  portsExhausted        1  2s ago",
                "acme    main      10.0.1.5  198.51.100.7:443/tcp  portsExhausted    1.50k  4s ago",
            ])
    }

    @Test func `of many refusals the greatest of the newest are shown, and how many are not`() {
        let many = (1...25).map { refusal("10.0.1.\($0)", UInt64($0), ago: 2 + Double($0) / 100) }
        let lines = PortTop([answer("a", ports: 1, [], many)], by: .destination, limit: 9)
            .refusalLines(name)
        #expect(lines.count == 12)
        #expect(lines[1].contains("10.0.1.25 "))
        #expect(lines.last == "and 15 more, which --json lists")
    }

    @Test func `the limit leaves the fullest`() {
        let uses = (1...30).map { use($0, "198.51.100.\($0)") }
        let top = PortTop([answer("a", ports: 100, uses)], by: .destination, limit: 3)
        #expect(top.uses.map(\.used) == [30, 29, 28])
    }
}
