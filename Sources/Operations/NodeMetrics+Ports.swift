// Metrics of the ports in use: of each gateway the destination that has most.

import ControlClient
import Translation
import Wire

extension NodeOperations {
    /// Nothing before the first look is over.
    func addPorts(to page: inout PrometheusText) {
        guard let report = current.ports else { return }
        func labels(_ gateway: PortReport.Gateway) -> [(String, String)] {
            [("nat_gateway", Identifier(gateway.id, .natGateway).description)]
        }
        page.add(
            "hyperplane_ports_used_ratio", .gauge,
            help: "The greatest share of this node's ports in use toward one destination, 0 to 1.",
            fractions: report.gateways.map { (labels($0), $0.greatest?.fraction ?? 0) })
        page.add(
            "hyperplane_ports_used_max", .gauge,
            help: "This node's ports in use toward that destination.",
            samples: report.gateways.map { (labels($0), UInt64($0.greatest?.used ?? 0)) })
        page.add(
            "hyperplane_ports_destinations_near_exhaustion", .gauge,
            help: "Destinations toward which 80 % and more of this node's ports are in use.",
            samples: report.gateways.map { (labels($0), UInt64($0.nearExhaustion)) })
        page.add(
            "hyperplane_ports_survey_age_seconds", .gauge,
            help: "Since this node last looked at its ports.",
            fraction: Double(clock() - report.at) / 1e9)
    }
}
