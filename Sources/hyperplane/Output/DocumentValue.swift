// A value on its way from JSON to YAML. It goes by this way so that both forms show the same
// fields in the same notation: YAML's own encoder would write 0.25 as 2.5e-1.

import Yams

/// Any JSON value.
enum DocumentValue: Decodable {
    case null
    case boolean(Bool)
    case natural(UInt64)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([DocumentValue])
    case object([String: DocumentValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .natural(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([DocumentValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: DocumentValue].self))
        }
    }

    var node: Node {
        get throws {
            switch self {
            case .null: Node("null", Tag(.null))
            case .boolean(let value): Node(value ? "true" : "false", Tag(.bool))
            case .natural(let value): Node("\(value)", Tag(.int))
            case .integer(let value): Node("\(value)", Tag(.int))
            case .number(let value): Node("\(value)", Tag(.float))
            // Quotes a text that would read as something else.
            case .text(let value): try value.represented()
            case .list(let values): Node(try values.map { try $0.node })
            case .object(let fields):
                Node(try fields.map { (Node($0.key), try $0.value.node) })
            }
        }
    }
}
