// Checks of single fields, each of which gives the value in its own type or says what is wrong.

import ControlClient
import Wire

enum Validation {
    /// ASCII letters, digits, `-`, `_` and `.`, beginning with a letter or digit; nothing that
    /// could be taken for an identifier.
    static func name(_ text: String, field: String = "name") throws(Problem) -> String {
        let bytes = Array(text.utf8)
        guard Limits.nameLength.contains(bytes.count) else {
            throw .invalid(
                field, "\(field) has \(bytes.count) characters",
                hint: "Use 1 to \(Limits.nameLength.upperBound).")
        }
        guard bytes[0].isLetterOrDigit,
            bytes.allSatisfy({ $0.isLetterOrDigit || [0x2D, 0x2E, 0x5F].contains($0) })
        else {
            throw .invalid(
                field, "\(field) \"\(text)\" has a character that names can't have",
                hint: "Use letters, digits, '-', '_' and '.', a letter or digit first.")
        }
        guard Identifier(text) == nil else {
            throw .invalid(field, "\(field) \"\(text)\" looks like an identifier")
        }
        return text
    }

    static func range(
        _ field: String, _ value: Int, _ range: ClosedRange<Int>
    ) throws(Problem) -> Int {
        guard range.contains(value) else { throw .outOfRange(field, value, range) }
        return value
    }

    static func address(_ text: String, field: String = "address") throws(Problem) -> IPAddress {
        guard let address = IPAddress(text) else {
            throw .invalid(
                field, "\(field) \"\(text)\" is not an IP address",
                hint: "Write it like 10.0.0.1 or fd00::1.")
        }
        try refuseMapped(address, field: field)
        return address
    }

    /// An address that one machine can have.
    static func unicastAddress(
        _ text: String, field: String = "address"
    ) throws(Problem) -> IPAddress {
        let address = try address(text, field: field)
        let isUnicast =
            switch address {
            case .v4(let v4): !v4.isMulticast && !v4.isBroadcast && v4.rawValue >> 24 != 0
            case .v6(let v6): !v6.isMulticast && (v6.high | v6.low) != 0
            }
        guard isUnicast else {
            throw .invalid(field, "\(field) \(text) is not the address of one machine")
        }
        return address
    }

    /// A unicast address inside a VPC.
    static func address(
        _ text: String, in vpc: VPCRecord, field: String = "address"
    ) throws(Problem) -> IPAddress {
        let address = try unicastAddress(text, field: field)
        guard let prefix = IPPrefix(vpc.prefix), prefix.contains(address) else {
            throw Problem(
                status: 400, code: "address-outside-vpc", title: "The address is outside the VPC",
                detail: "\(field) \(text) is not in \(vpc.prefix), the prefix of \(vpc.id)",
                hint: "Choose an address inside it.", field: field)
        }
        return address
    }

    static func prefix(
        _ text: String, field: String = "prefix"
    ) throws(Problem) -> IPPrefix {
        guard let prefix = IPPrefix(text) else {
            throw .invalid(
                field, "\(field) \"\(text)\" is not a range of addresses",
                hint: "Write it like 10.0.0.0/16, with no bit set beyond the length.")
        }
        try refuseMapped(prefix.address, field: field)
        return prefix
    }

    /// The data plane keeps IPv4 addresses in IPv4-mapped form (RFC 4291 §2.5.5.2): one given as
    /// IPv6 would come out of a snapshot as IPv4.
    private static func refuseMapped(_ address: IPAddress, field: String) throws(Problem) {
        guard case .v6(let v6) = address, let v4 = v6.mapped else { return }
        throw .invalid(
            field, "\(field) has \(address), an IPv4 address in IPv6 form",
            hint: "Write it as IPv4: \(v4).")
    }

    static func timeouts(
        _ given: API.TimeoutSettings, field: String
    ) throws(Problem) -> API.TimeoutSettings {
        let seconds = [
            ("tcpEstablishedSeconds", given.tcpEstablishedSeconds),
            ("tcpOpeningSeconds", given.tcpOpeningSeconds),
            ("tcpClosingSeconds", given.tcpClosingSeconds),
            ("udpSeconds", given.udpSeconds),
            ("icmpSeconds", given.icmpSeconds),
        ]
        for case (let name, let value?) in seconds {
            _ = try range("\(field).\(name)", value, Limits.timeoutSeconds)
        }
        return given
    }

    static func quota(_ given: API.QuotaSettings) throws(Problem) -> API.QuotaSettings {
        let limits = [
            ("quota.flows", given.flows, Limits.quota),
            ("quota.newFlowsPerSecond", given.newFlowsPerSecond, Limits.quota),
            ("quota.packetsPerSecond", given.packetsPerSecond, Limits.quota),
            ("quota.bitsPerSecond", given.bitsPerSecond, Limits.quotaBitsPerSecond),
        ]
        for case (let field, let value?, let bounds) in limits {
            _ = try range(field, value, bounds)
        }
        return given
    }

    /// Printable text of a bounded length.
    static func text(
        _ field: String, _ text: String, length: ClosedRange<Int>
    ) throws(Problem) -> String {
        guard length.contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            throw .invalid(
                field,
                "\(field) is not a text of \(length.lowerBound) to \(length.upperBound) "
                    + "printable characters")
        }
        return text
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
