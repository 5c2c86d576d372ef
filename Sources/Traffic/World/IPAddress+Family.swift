// Addresses of either family, as flows of the generator have them.

import Wire

extension IPAddress {
    /// 0.0.0.0: of no packet.
    static var none: IPAddress { .v4(IPv4Address(rawValue: 0)) }

    /// The address if it is IPv4.
    var v4: IPv4Address? { if case .v4(let address) = self { address } else { nil } }

    /// The address so many further on.
    func advanced(by count: Int) -> IPAddress {
        switch self {
        case .v4(let address):
            .v4(IPv4Address(rawValue: address.rawValue &+ UInt32(truncatingIfNeeded: count)))
        case .v6(let address):
            .v6(
                IPv6Address(
                    high: address.high, low: address.low &+ UInt64(truncatingIfNeeded: count)))
        }
    }
}
