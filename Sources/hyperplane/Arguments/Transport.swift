// Protocols of the command line: `tcp`, `udp`, `icmp`, alone, before a port (`tcp/80`) or behind
// an address (`198.51.100.1:80/tcp`).

import ArgumentParser
package import Wire

/// A protocol that is translated and balanced, by the name that the API uses.
package enum Transport: String, Sendable, CaseIterable, ExpressibleByArgument {
    case tcp, udp, icmp

    package init(argument text: String, orThrow: Void) throws {
        guard let value = Transport(rawValue: text.lowercased()) else {
            throw InvalidValue("a protocol is tcp, udp or icmp")
        }
        self = value
    }
}

/// `PROTO/PORT`, as a listener is written.
package struct ListenerPort: Hashable, Sendable, CustomStringConvertible {
    package var transport: Transport
    package var port: UInt16

    package init(argument text: String) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let transport = Transport(rawValue: parts[0].lowercased()),
            transport != .icmp
        else {
            throw InvalidValue("a protocol and a port look like tcp/80 or udp/53")
        }
        self.transport = transport
        port = try NumberArgument.port(String(parts[1]))
    }

    package var description: String { "\(transport.rawValue)/\(port)" }
}

/// `B:P/PROTO`, or `B/icmp`: where a packet goes.
package struct PacketDestination: Hashable, Sendable, CustomStringConvertible {
    package var address: IPAddress
    /// Zero for ICMP queries, whose identifier stands on the source's side.
    package var port: UInt16
    package var transport: Transport

    package init(argument text: String) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let (address, port) = SocketAddress.split(String(parts[0])) else {
            throw InvalidValue("a destination looks like 198.51.100.1:53/udp or 198.51.100.1/icmp")
        }
        transport = try Transport(argument: String(parts[1]), orThrow: ())
        self.address = address
        switch (transport, port) {
        case (.icmp, nil): self.port = 0
        case (.icmp, _?):
            throw InvalidValue("ICMP has no ports; the identifier stands in --source A:IDENTIFIER")
        case (_, let port?): self.port = try NumberArgument.port(port)
        case (_, nil): throw InvalidValue("\(transport.rawValue) needs a port")
        }
    }

    package var description: String {
        transport == .icmp
            ? "\(address)/icmp"
            : "\(SocketAddress(address: address, port: port))/\(transport.rawValue)"
    }
}
