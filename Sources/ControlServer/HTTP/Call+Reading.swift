// Reading a call: its identifiers, its query items, its JSON body; each error says which part is
// wrong.

import ControlClient
import FoundationEssentials

extension Call {
    /// The identifier that stands in the path.
    func identifier(_ name: String = "id", noun: String) throws(Problem) -> Identifier {
        let text = parameters[name] ?? ""
        guard let id = Identifier(text) else {
            throw Problem(
                status: 404, code: "not-found", title: "No such thing",
                detail: "\"\(text)\" is not the identifier of a \(noun)",
                hint: "Identifiers look like nat-00123456789abcdef; find one by its name with "
                    + "?name=.")
        }
        return id
    }

    /// Throws if the query has an item that the route doesn't know.
    func checkQuery(_ known: some Collection<String>) throws(Problem) {
        for name in query.keys.sorted() where !known.contains(name) {
            throw Problem(
                status: 400, code: "unknown-query-item", title: "The query has an unknown item",
                detail: "there is no filter \"\(name)\" here",
                hint: "Known are: \(known.sorted().joined(separator: ", ")).", field: name)
        }
    }

    func pageSize() throws(Problem) -> Int {
        guard let text = query["limit"] else { return Limits.defaultPageSize }
        guard let limit = Int(text) else {
            throw .invalid("limit", "limit \"\(text)\" is not a number")
        }
        return try Validation.range("limit", limit, Limits.pageSize)
    }

    /// The body as a value. An empty body is an empty object.
    func decodeBody<T: Codable>(_ type: T.Type) throws(Problem) -> T {
        let bytes = body.isEmpty ? Array("{}".utf8) : body
        // Before anything is decoded: the decoder's cost grows with the square of the depth.
        guard JSON.depth(of: bytes) <= Limits.jsonDepth else {
            throw .notJSON("it is nested deeper than \(Limits.jsonDepth) levels")
        }
        do {
            let value = try JSON.decode(T.self, from: bytes)
            let given = try JSON.decode(JSONValue.self, from: bytes)
            let understood = try JSON.decode(JSONValue.self, from: JSON.encode(value))
            if let path = given.firstField(missingIn: understood) {
                throw Problem.invalid(
                    path, "there is no field \"\(path)\" here", hint: "Look for a typing error.")
            }
            return value
        } catch let problem as Problem {
            throw problem
        } catch let error as DecodingError {
            throw .undecodable(error)
        } catch {
            throw .notJSON("\(error)")
        }
    }

    /// The token of a request that says it may come again.
    func token() throws(Problem) -> IdempotencyToken? {
        guard let key = idempotencyKey else { return nil }
        guard Limits.idempotencyKeyLength.contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw .invalid(
                "Idempotency-Key", "Idempotency-Key is not 1 to 64 visible ASCII characters")
        }
        let request = "\(method) \(path)\n" + String(decoding: body, as: UTF8.self)
        return IdempotencyToken(key: key, actor: caller.actor, request: request)
    }
}

extension ProblemDocument {
    fileprivate static func notJSON(_ detail: String) -> Problem {
        Problem(
            status: 400, code: "bad-json", title: "The body is not JSON", detail: detail,
            hint: "Send one JSON object.")
    }

    fileprivate static func undecodable(_ error: DecodingError) -> Problem {
        switch error {
        case .keyNotFound(let key, let context):
            let path = text(context.codingPath + [key])
            return .invalid(path, "the field \(path) is missing")
        case .typeMismatch(let type, let context):
            let path = text(context.codingPath)
            return .invalid(path, "\(path) is not \(words(for: type))")
        case .valueNotFound(let type, let context):
            let path = text(context.codingPath)
            return .invalid(path, "\(path) is null, it must be \(words(for: type))")
        case .dataCorrupted(let context):
            if context.codingPath.isEmpty { return .notJSON(context.debugDescription) }
            let path = text(context.codingPath)
            return .invalid(path, "\(path): \(context.debugDescription)")
        @unknown default:
            return .notJSON("\(error)")
        }
    }

    private static func words(for type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is any FixedWidthInteger.Type: "a whole number"
        case is any Sequence.Type: "a list"
        default: "an object"
        }
    }

    private static func text(_ path: [any CodingKey]) -> String {
        if path.isEmpty { return "the body" }
        return path.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }
}
