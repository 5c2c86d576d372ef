// The three forms of output: tables for people, JSON and YAML for programs, of the same values.

import ArgumentParser
import Foundation
import Yams

/// `--output`.
package enum OutputFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
    case table, json, yaml

    /// `value` in this form, ending without a newline. Keys stand in alphabetical order, so that
    /// two outputs can be compared.
    package func text(of value: some Encodable) throws -> String {
        switch self {
        case .table, .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            encoder.dateEncodingStrategy = .iso8601
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        case .yaml:
            let data = try JSONEncoder().encode(value)
            let node = try JSONDecoder().decode(DocumentValue.self, from: data).node
            let text = try Yams.serialize(node: node, width: -1, allowUnicode: true, sortKeys: true)
            return text.hasSuffix("\n") ? String(text.dropLast()) : text
        }
    }
}
