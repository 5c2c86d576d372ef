// The reference packets of Fixtures: bytes that scapy made, and what scapy says is in them. Made
// by tools/reference-packets/generate.py.

import Testing
import Wire

/// One line of a reference packet: what stands there, and its fields as text.
struct ReferenceLine: Sendable {
    let kind: String
    let fields: [String: String]

    init(_ text: Substring) {
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        kind = String(words[0])
        fields = words.dropFirst().reduce(into: [:]) { fields, word in
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            fields[String(parts[0])] = String(parts[1])
        }
    }

    func text(_ key: String) -> String {
        guard let value = fields[key] else { preconditionFailure("\(kind) has no \(key)") }
        return value
    }

    func integer<Value: FixedWidthInteger>(_ key: String) -> Value {
        guard let value = Value(text(key)) else {
            preconditionFailure("\(kind): \(key)=\(text(key)) is no \(Value.self)")
        }
        return value
    }

    /// Nil for an empty value.
    func optional<Value: FixedWidthInteger>(_ key: String) -> Value? { Value(text(key)) }
    func flag(_ key: String) -> Bool { text(key) == "1" }
    func bytes(_ key: String) -> [UInt8] { hex(text(key)) }
    func port(_ key: String) -> Port { Port(integer(key)) }
    func ipProtocol(_ key: String) -> IPProtocol { IPProtocol(rawValue: integer(key)) }

    func value<Value: LosslessStringConvertible>(_ key: String) -> Value {
        guard let value = Value(text(key)) else {
            preconditionFailure("\(kind): \(key)=\(text(key)) is no \(Value.self)")
        }
        return value
    }
}

/// A named packet.
struct ReferencePacket: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// From the first header on.
    let layers: [ReferenceLine]
    /// What else is known of the packet.
    let notes: [ReferenceLine]

    var testDescription: String { name }

    private static let noteKinds = ["summary", "embedded", "refused", "overlay"]

    init(_ lines: [Substring]) {
        name = String(lines[0].dropFirst("packet ".count))
        bytes = hex(String(lines[1].dropFirst("bytes ".count)))
        let rest = lines.dropFirst(2).map(ReferenceLine.init)
        layers = rest.filter { !Self.noteKinds.contains($0.kind) }
        notes = rest.filter { Self.noteKinds.contains($0.kind) }
    }

    func notes(_ kind: String) -> [ReferenceLine] { notes.filter { $0.kind == kind } }

    static let all = ["ipv4", "ipv6", "icmp", "overlay"].flatMap { name in
        let lines = fixture(name).split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("#") }
        return lines.split(whereSeparator: \.isEmpty).map { ReferencePacket(Array($0)) }
    }
}
