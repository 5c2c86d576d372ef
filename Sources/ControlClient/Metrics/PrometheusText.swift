// Metrics in Prometheus's text format, version 0.0.4.

/// Builds one exposition.
package struct PrometheusText {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""

    package init() {}

    package enum Kind: String {
        case counter
        case gauge
    }

    /// A family: its help and type, then a line for each sample, in the order given.
    package mutating func add(
        _ name: String, _ kind: Kind, help: String,
        samples: [(labels: [(String, String)], value: UInt64)]
    ) {
        add(name, kind, help, samples.map { ($0.labels, "\($0.value)") })
    }

    /// The same of fractions.
    package mutating func add(
        _ name: String, _ kind: Kind, help: String,
        fractions: [(labels: [(String, String)], value: Double)]
    ) {
        add(name, kind, help, fractions.map { ($0.labels, "\($0.value)") })
    }

    private mutating func add(
        _ name: String, _ kind: Kind, _ help: String,
        _ samples: [(labels: [(String, String)], value: String)]
    ) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }
            text += name + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}")
            text += " \(sample.value)\n"
        }
    }

    package mutating func add(_ name: String, _ kind: Kind, help: String, value: UInt64) {
        add(name, kind, help: help, samples: [([], value)])
    }

    package mutating func add(_ name: String, _ kind: Kind, help: String, fraction: Double) {
        add(name, kind, help: help, fractions: [([], fraction)])
    }

    /// Backslash, quote and line feed are escaped in a label's value.
    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
