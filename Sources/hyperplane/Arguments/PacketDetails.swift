// What a packet that is asked about has beside its addresses: TCP flags, and where a client is.

import ArgumentParser

/// On which side of the edges a load balancer's client is.
package enum ClientPlace: String, Sendable, CaseIterable, ExpressibleByArgument {
    case inside, outside
}

/// Names of TCP flags, `syn,ack`; `none` stands for no flag at all.
package struct TCPFlagNames: Hashable, Sendable {
    package var names: [String]

    package static let known = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"]

    package init(argument text: String) throws {
        if text.lowercased() == "none" {
            names = []
            return
        }
        names = text.lowercased().split(separator: ",", omittingEmptySubsequences: false)
            .map(String.init)
        guard !text.isEmpty, names.allSatisfy(Self.known.contains) else {
            throw InvalidValue(
                "TCP flags are names with commas between them, of "
                    + Self.known.joined(separator: ", ") + "; or none")
        }
    }
}
