// Who has a port of this engine that is on loan, for `explain`.

import Configuration
import Consensus
import Translation
import Wire

/// Who has the port that an inbound packet is addressed to, if another bucket has.
struct PortOnLoan {
    /// For people.
    var why: String
    /// The node that the packet is passed on to; nil if it is this one, or nobody's.
    var machine: IPAddress?
    /// It was given back, and waits.
    var isQuiet = false
}

extension Engine {
    /// DESIGN part 5, rule 17.
    mutating func portOnLoan(_ arrival: Arrival) -> PortOnLoan? {
        let tuple = arrival.summary.tuple
        guard arrival.direction == .inbound, tuple.source.isIPv4,
            translator.resources.resources[arrival.resource].kind == .natGateway
        else { return nil }
        let port = LoanPort(
            tuple.destinationPort, toward: translator.portDestination(of: arrival))
        let said = "port \(tuple.destinationPort.rawValue) of bucket \(arrival.bucket.rawValue)"
        switch exchange.loans.lentState(of: port) {
        case .notLent: return nil
        case .quiet:
            return PortOnLoan(
                why: "\(said) was on loan, and waits for its quiet time to pass", isQuiet: true)
        case .lent(let borrower):
            let loan = "\(said) is on loan to bucket \(borrower.bucket.rawValue)"
            switch borrower.route {
            case .here: return PortOnLoan(why: "\(loan), of the same engine")
            case .nobody: return PortOnLoan(why: "\(loan), whose leader is not known")
            case .peer(let peer, let isOwnNode):
                guard let address = address(of: exchange.node(of: peer)) else {
                    return PortOnLoan(why: "\(loan), whose leader left the cluster")
                }
                let place = isOwnNode ? "another engine of this node" : name(of: address)
                return PortOnLoan(
                    why: "\(loan), led by \(place): it is passed on there", machine: address)
            }
        }
    }

    private func name(of address: IPAddress) -> String {
        let nodes = translator.resources.snapshot.nodes
        return nodes.first { $0.address == address }?.name ?? "\(address)"
    }
}
