// Ports in use, for people: how full each destination is, and a word of warning in time.

import ControlClient

extension PortTop {
    /// - Parameter name: of a tenant or resource, by its identifier.
    package func table(_ name: (String) -> String) -> Table {
        var columns = [Column("tenant"), Column("gateway")]
        if by != .destination { columns += [Column(by.rawValue), .number("ports")] }
        columns += [
            Column(by == .destination ? "destination" : "most toward"), .number("used"),
            .number("of"), .number("share"), Column("level"), .number("loans"), .number("quiet"),
        ]
        var table = Table(columns)
        for use in uses { table.append(cells(use, name)) }
        return table
    }

    private func cells(_ use: Use, _ name: (String) -> String) -> [Cell] {
        var cells = [Cell(name(use.tenant)), Cell(name(use.natGateway))]
        if by != .destination {
            cells += [Cell(use.client ?? use.eip), Cell(use.usedInAll ?? use.used)]
        }
        return cells + [
            Cell(use.destinationText), Cell(use.used), Cell(use.of),
            Cell(use.shareText, use.tone), Cell(use.levelText, use.tone), Cell(use.onLoan),
            Cell(use.quiet),
        ]
    }

    /// Refused flows of the last quarter of an hour; none if there were none.
    package func refusalLines(
        _ name: (String) -> String, width: Int? = nil, coloured: Bool = false
    ) -> [String] {
        let recent = refusals.filter { $0.agoSeconds < 900 }
        guard !recent.isEmpty else { return [] }
        let lines = table(of: recent.prefix(Self.refusalsShown), name)
            .lines(width: width, coloured: coloured)
        let rest = recent.count - Self.refusalsShown
        return lines + (rest > 0 ? ["and \(rest) more, which --json lists"] : [])
    }

    private func table(
        of recent: ArraySlice<NodeAPI.FlowRefusal>, _ name: (String) -> String
    ) -> Table {
        var table = Table([
            Column("tenant"), Column("resource"), Column("client"), Column("destination"),
            Column("refused as"), .number("packets"), .number("last"),
        ])
        for refusal in recent {
            table.append([
                Cell(name(refusal.tenant)), Cell(name(refusal.resource)), Cell(refusal.client),
                Cell(
                    Self.endpoint(
                        refusal.destination, refusal.destinationPort, refusal.ipProtocol)),
                Cell(refusal.reason, .bad), Cell(Quantity.amount(refusal.count)),
                Cell(Quantity.duration(seconds: refusal.agoSeconds) + " ago"),
            ])
        }
        return table
    }

    static let refusalsShown = 10
    static let warningsShown = 5

    /// A sentence for each destination that is near exhaustion.
    package func warnings(_ name: (String) -> String) -> [String] {
        let near = uses.filter(\.isNearExhaustion)
        let sentences = near.prefix(Self.warningsShown).map { use in
            "\(use.who(name)) \(use.shareText) of its ports toward \(use.destinationText ?? "")"
                + " (\(use.used) of \(use.of))"
        }
        guard !near.isEmpty else { return [] }
        let rest = near.count - sentences.count
        let gateways = Set(near.map(\.natGateway))
        let gateway = gateways.count == 1 ? gateways.first.map(name) : nil
        return sentences + (rest > 0 ? ["\(rest) more are near exhaustion too"] : [])
            + ["another EIP adds ports: hyperplane nat-gateway add-eip \(gateway ?? "GATEWAY") EIP"]
    }

    /// `address:port/protocol`, or `address/icmp`.
    static func endpoint(_ address: String, _ port: Int, _ ipProtocol: String) -> String {
        NodeAPI.Flow.endpoint(address, port) + "/\(ipProtocol)"
    }
}

extension PortTop.Use {
    var destinationText: String? {
        guard let destination, let destinationPort, let ipProtocol else { return nil }
        return PortTop.endpoint(destination, destinationPort, ipProtocol)
    }

    /// Cut, not rounded up: 100 % is all.
    var shareText: String {
        let tenths = of == 0 ? 0 : used * 1000 / of
        return "\(tenths / 10).\(tenths % 10) %"
    }

    /// Ten marks for all.
    var levelText: String {
        let full = of == 0 ? 0 : min(10, used * 10 / of)
        return String(repeating: "#", count: full) + String(repeating: ".", count: 10 - full)
    }

    var tone: Tone { used >= of && of > 0 ? .bad : isNearExhaustion ? .warning : .plain }

    fileprivate func who(_ name: (String) -> String) -> String {
        let gateway = "\(name(natGateway)) of \(name(tenant))"
        if let client { return "NAT gateway \(gateway): client \(client) uses" }
        if let eip { return "NAT gateway \(gateway): EIP \(eip) uses" }
        return "NAT gateway \(gateway) uses"
    }
}
