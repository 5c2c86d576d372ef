// The API as a table of routes: method, path, what it does. Everything that is said of the API -
// which methods a path has, what exists at all - is read from this table.

import ControlClient

/// A request, taken apart.
package struct Call: Sendable {
    package var method: String
    /// As it was asked for, without the query.
    package var path: String
    /// The parts of the path that the route names in braces.
    package var parameters: [String: String] = [:]
    /// Decoded; a name that comes twice is refused.
    package var query: [String: String] = [:]
    package var body: [UInt8] = []
    package var caller: Caller
    package var idempotencyKey: String?

    package init(
        method: String, path: String, query: [String: String] = [:], body: [UInt8] = [],
        caller: Caller, idempotencyKey: String? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.caller = caller
        self.idempotencyKey = idempotencyKey
    }
}

/// What goes back.
package struct Answer: Sendable, Hashable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]
    package var headers: [String: String] = [:]

    static func json(_ value: some Encodable, status: Int = 200) -> Answer {
        Answer(status: status, contentType: "application/json", body: JSON.encode(value))
    }

    init(status: Int, contentType: String, body: [UInt8], headers: [String: String] = [:]) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.headers = headers
    }

    init(_ outcome: Outcome) {
        self.init(status: outcome.status, contentType: "application/json", body: outcome.body)
    }

    // RFC 9457 §3: the status stands in the answer too; the media type names the format.
    init(_ problem: Problem) {
        self.init(
            status: problem.status, contentType: Problem.contentType, body: JSON.encode(problem))
    }
}

/// One thing that can be asked.
package struct Route: Sendable {
    package var method: String
    /// E.g. `/v1/nat-gateways/{id}/eips`.
    package var pattern: String
    package var summary: String
    var handle: @Sendable (Call, ControlService) async throws(Problem) -> Answer

    private var parts: [Substring] {
        pattern.split(separator: "/", omittingEmptySubsequences: false)
    }

    /// The path's parameters if it fits the pattern.
    func match(_ path: [Substring]) -> [String: String]? {
        let parts = parts
        guard parts.count == path.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, given) in zip(parts, path) {
            if part.first == "{" {
                guard !given.isEmpty else { return nil }
                parameters[String(part.dropFirst().dropLast())] = String(given)
            } else if part != given {
                return nil
            }
        }
        return parameters
    }
}

/// All routes, and the way from a call to its answer.
package struct RouteTable: Sendable {
    package var routes: [Route]

    /// Answers every call, if need be with a problem.
    package func answer(_ call: Call, by service: ControlService) async -> Answer {
        let path = call.path.split(separator: "/", omittingEmptySubsequences: false)
        var methods: [String] = []
        for route in routes {
            guard let parameters = route.match(path) else { continue }
            methods.append(route.method)
            guard route.method == call.method else { continue }
            var call = call
            call.parameters = parameters
            do throws(Problem) {
                return try await route.handle(call, service)
            } catch {
                return Answer(error.at(call.path))
            }
        }
        guard !methods.isEmpty else { return Answer(Problem.noSuchPath.at(call.path)) }
        var answer = Answer(Problem.methodNotAllowed(call.method, methods).at(call.path))
        // RFC 9110 §15.5.6: a 405 names the methods that are allowed.
        answer.headers["Allow"] = methods.joined(separator: ", ")
        return answer
    }
}

extension ProblemDocument {
    func at(_ path: String) -> Problem {
        var problem = self
        problem.instance = path
        return problem
    }

    static let noSuchPath = Problem(
        status: 404, code: "no-such-path", title: "No such path",
        detail: "the API has nothing under this path", hint: "Everything is under /v1.")

    static func methodNotAllowed(_ method: String, _ allowed: [String]) -> Problem {
        Problem(
            status: 405, code: "method-not-allowed", title: "The method is not allowed here",
            detail: "\(method) is not one of the methods of this path",
            hint: "Use \(allowed.joined(separator: " or ")).")
    }
}
