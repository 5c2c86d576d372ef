// JSON as the registry and the API write it: fields in the order of their names, so that equal
// values have equal bytes.

import FoundationEssentials

enum JSON {
    /// For plain structs of texts and numbers, whose encoding can't fail.
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { preconditionFailure("not plain") }
        return Array(data)
    }

    static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        try JSONDecoder().decode(T.self, from: Data(bytes))
    }
}
