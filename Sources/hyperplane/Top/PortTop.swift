// What the nodes say of their ports, added up to what the cluster has: every port counts at the node
// that leads its bucket, so sums are exact whatever is on loan.

package import ControlClient

/// The greatest uses of ports, and who was refused.
package struct PortTop: Encodable, Sendable {
    /// The share of a gateway's ports from which on exhaustion is near.
    package static let nearExhaustion = 0.8

    /// One row: ports toward one destination, of all clients, of one, or of one EIP.
    package struct Use: Encodable, Sendable {
        package var tenant: String
        package var natGateway: String
        package var client: String?
        package var eip: String?
        /// What the client uses, or the EIP's ports in use, toward all destinations together.
        package var usedInAll: Int?
        /// The destination; by client or EIP the one that has most.
        package var destination: String?
        package var destinationPort: Int?
        package var ipProtocol: String?
        package var used: Int
        /// Ports that can be in use toward one destination.
        package var of: Int
        package var share: Double
        package var isNearExhaustion: Bool
        package var onLoan: Int
        package var quiet: Int

        enum CodingKeys: String, CodingKey {
            case tenant, natGateway, client, eip, usedInAll, destination, destinationPort
            case ipProtocol = "protocol"
            case used, of, share, isNearExhaustion, onLoan, quiet
        }
    }

    package var by: NodeAPI.PortGrouping
    package var uses: [Use]
    /// The newest first.
    package var refusals: [NodeAPI.FlowRefusal]

    package init(
        _ answers: [NodeAPI.PortAnswer], by grouping: NodeAPI.PortGrouping, limit: Int
    ) {
        by = grouping
        let sums = PortSums(answers, grouping)
        uses = Array(sums.uses.sorted { Self.precedes($0, $1) }.prefix(limit))
        refusals = Self.merged(answers.flatMap(\.refusals))
    }

    /// By what is nearest to exhaustion.
    private static func precedes(_ left: Use, _ right: Use) -> Bool {
        if left.share != right.share { return left.share > right.share }
        if left.used != right.used { return left.used > right.used }
        if left.usedInAll != right.usedInAll {
            return left.usedInAll ?? 0 > right.usedInAll ?? 0
        }
        return left.order < right.order
    }

    private struct RefusalName: Hashable {
        var words: [String]

        init(_ refusal: NodeAPI.FlowRefusal) {
            words = [
                refusal.resource, refusal.client, refusal.destination,
                "\(refusal.destinationPort)", refusal.ipProtocol, refusal.reason,
            ]
        }
    }

    private static func merged(_ all: [NodeAPI.FlowRefusal]) -> [NodeAPI.FlowRefusal] {
        var sums: [RefusalName: NodeAPI.FlowRefusal] = [:]
        for refusal in all {
            let name = RefusalName(refusal)
            guard var sum = sums[name] else {
                sums[name] = refusal
                continue
            }
            sum.count += refusal.count
            sum.agoSeconds = min(sum.agoSeconds, refusal.agoSeconds)
            sums[name] = sum
        }
        return sums.values.sorted { Self.precedes($0, $1) }
    }

    /// By whole seconds, so that what the nodes' answers differ by mixes nothing up.
    private static func precedes(
        _ left: NodeAPI.FlowRefusal, _ right: NodeAPI.FlowRefusal
    ) -> Bool {
        let ages = (left.agoSeconds.rounded(.down), right.agoSeconds.rounded(.down))
        if ages.0 != ages.1 { return ages.0 < ages.1 }
        if left.count != right.count { return left.count > right.count }
        return (left.client, left.destination, left.reason)
            < (right.client, right.destination, right.reason)
    }
}

extension PortTop.Use {
    /// What tells rows apart, for an order that is the same each time.
    fileprivate var order: String {
        [natGateway, client, eip, destination, destinationPort.map(String.init), ipProtocol]
            .map { $0 ?? "" }.joined(separator: " ")
    }
}

/// The nodes' answers, summed.
private struct PortSums {
    private struct Name: Hashable {
        var natGateway: String
        var subject: String?
        var destination: String?
        var destinationPort: Int?
        var ipProtocol: String?

        init(_ use: NodeAPI.PortUse) {
            natGateway = use.natGateway
            subject = use.subject
            destination = use.destination
            destinationPort = use.destinationPort
            ipProtocol = use.ipProtocol
        }

        var whole: Name {
            var name = self
            name.destination = nil
            name.destinationPort = nil
            name.ipProtocol = nil
            return name
        }
    }

    private struct Gateway {
        var tenant = ""
        /// Of one EIP, and of all that take new flows.
        var portsPerEIP = 0
        var ports = 0
    }

    private let grouping: NodeAPI.PortGrouping
    private var gateways: [String: Gateway] = [:]
    private var sums: [Name: NodeAPI.PortUse] = [:]

    init(_ answers: [NodeAPI.PortAnswer], _ grouping: NodeAPI.PortGrouping) {
        self.grouping = grouping
        for answer in answers {
            for ports in answer.gateways { add(ports) }
            for use in answer.uses { add(use) }
        }
    }

    private mutating func add(_ ports: NodeAPI.GatewayPorts) {
        gateways[ports.natGateway, default: Gateway()].portsPerEIP += ports.portsPerEIP
        gateways[ports.natGateway]?.ports += ports.portsPerEIP * ports.eips.count
        if !ports.tenant.isEmpty { gateways[ports.natGateway]?.tenant = ports.tenant }
    }

    private mutating func add(_ use: NodeAPI.PortUse) {
        let name = Name(use)
        guard var sum = sums[name] else {
            sums[name] = use
            return
        }
        sum.used += use.used
        sum.quiet += use.quiet
        sum.onLoan += use.onLoan
        sums[name] = sum
    }

    var uses: [PortTop.Use] {
        guard grouping != .destination else { return sums.values.map { row($0, inAll: nil) } }
        // Of each client, or EIP, the destination that has most.
        var best: [Name: NodeAPI.PortUse] = [:]
        for (name, sum) in sums where sum.destination != nil {
            let known = best[name.whole]
            if known.map({ Self.exceeds(sum, $0) }) ?? true { best[name.whole] = sum }
        }
        return best.map { name, sum in row(sum, inAll: max(sums[name]?.used ?? 0, sum.used)) }
    }

    private static func exceeds(_ left: NodeAPI.PortUse, _ right: NodeAPI.PortUse) -> Bool {
        left.used != right.used ? left.used > right.used : left.endpointText < right.endpointText
    }

    private func row(_ sum: NodeAPI.PortUse, inAll: Int?) -> PortTop.Use {
        let gateway = gateways[sum.natGateway] ?? Gateway()
        let of = grouping == .eip ? gateway.portsPerEIP : gateway.ports
        let share = of == 0 ? 0 : Double(sum.used) / Double(of)
        return PortTop.Use(
            tenant: gateway.tenant, natGateway: sum.natGateway,
            client: grouping == .client ? sum.subject : nil,
            eip: grouping == .eip ? sum.subject : nil, usedInAll: inAll,
            destination: sum.destination, destinationPort: sum.destinationPort,
            ipProtocol: sum.ipProtocol, used: sum.used, of: of, share: share,
            isNearExhaustion: share >= PortTop.nearExhaustion, onLoan: sum.onLoan,
            quiet: sum.quiet)
    }
}

extension NodeAPI.PortUse {
    fileprivate var endpointText: String {
        "\(destination ?? ""):\(destinationPort ?? 0)/\(ipProtocol ?? "")"
    }
}
