// Addresses, prefixes, `A:P` and `B:P/PROTO` of the command line.

package import Wire

/// Transforms for `@Option(transform:)`; each throws `InvalidValue`.
package enum AddressArgument {
    /// An IPv4 or IPv6 address, in canonical form.
    package static func address(_ text: String) throws -> IPAddress {
        guard let address = IPAddress(text) else {
            throw InvalidValue("an address looks like 10.0.9.10 or 2001:db8::1")
        }
        return address
    }

    /// An IPv4 address that a packet can come from.
    package static func publicIPv4(_ text: String) throws -> IPv4Address {
        guard let address = IPv4Address(text) else {
            throw InvalidValue("an IPv4 address looks like 203.0.113.1")
        }
        guard !address.isMulticast, !address.isBroadcast, address.rawValue >> 24 != 0 else {
            throw InvalidValue("\(address) is not the address of one machine")
        }
        return address
    }

    /// A prefix without host bits.
    package static func prefix(_ text: String) throws -> IPPrefix {
        if let prefix = IPPrefix(text) { return prefix }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])) else {
            throw InvalidValue("a prefix looks like 10.0.0.0/16 or 2001:db8::/48")
        }
        let longest = address.isIPv4 ? 32 : 128
        guard let length = Int(parts[1]), (0...longest).contains(length) else {
            throw InvalidValue("the length of an \(family(address)) prefix is 0 to \(longest)")
        }
        throw InvalidValue("\(address) has bits set beyond the first \(length)")
    }

    private static func family(_ address: IPAddress) -> String {
        address.isIPv4 ? "IPv4" : "IPv6"
    }
}

/// An address with a port: `10.0.1.5:4000`, `[2001:db8::1]:4000`.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    package var address: IPAddress
    package var port: UInt16

    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    package init(argument text: String) throws {
        guard let (address, port) = Self.split(text), let port else {
            throw InvalidValue("an address and a port look like 10.0.1.5:4000 or [::1]:4000")
        }
        self.init(address: address, port: try NumberArgument.port(port))
    }

    package var description: String {
        address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }

    /// The address and, if there is one, the text behind its colon.
    static func split(_ text: String) -> (address: IPAddress, port: String?)? {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let inside = String(text[text.index(after: text.startIndex)..<end])
            guard let address = IPv6Address(inside) else { return nil }
            let rest = text[text.index(after: end)...]
            if rest.isEmpty { return (.v6(address), nil) }
            return rest.hasPrefix(":") ? (.v6(address), String(rest.dropFirst())) : nil
        }
        if let address = IPAddress(text) { return (address, nil) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv4Address(String(parts[0])) else { return nil }
        return (.v4(address), String(parts[1]))
    }
}
