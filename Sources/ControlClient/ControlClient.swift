// The client of the control API. One value per caller; it holds no state but its settings, so it
// is copied freely. Connections are pooled by the HTTP client beneath.

public import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Speaks the control API of one placement service.
public struct ControlClient: Sendable {
    /// Without a trailing slash, e.g. `http://127.0.0.1:8470`.
    public let url: String
    /// Who makes the changes; stands in the history.
    public var actor: String?
    /// Why they are made; stands in the history.
    public var reason: String?
    /// A call that takes longer fails as unreachable.
    public var timeoutSeconds: Int64 = 10

    // TLS: client certificate and trust roots belong into this client's configuration.
    let http: HTTPClient

    /// Connections that all clients of a process share. One that is refused is an answer, not
    /// something to try again until the call's time is over: callers that want to wait, repeat.
    public static let connections: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(3)
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Throws `invalidURL` for anything but `http://host[:port]`.
    public init(
        url: String, actor: String? = nil, reason: String? = nil,
        http: HTTPClient = ControlClient.connections
    ) throws(ControlError) {
        var trimmed = url[...]
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard trimmed.hasPrefix("http://"), trimmed.utf8.count > 7,
            !trimmed.contains(where: { $0.isWhitespace })
        else { throw .invalidURL(url) }
        self.url = String(trimmed)
        self.actor = actor
        self.reason = reason
        self.http = http
    }
}

/// An answer as bytes, before it is judged.
struct RawAnswer: Sendable {
    var status: Int
    var contentType: String?
    var body: [UInt8]
}

extension ControlClient {
    /// The most that is read of one answer.
    static let answerLimitBytes = 256 << 20

    func send(
        _ method: String, _ path: String, body: [UInt8]? = nil, idempotencyKey: String? = nil
    ) async throws(ControlError) -> RawAnswer {
        var request = HTTPClientRequest(url: url + path)
        request.method = .init(rawValue: method)
        if let actor { request.headers.add(name: "X-Hyperplane-Actor", value: actor) }
        if let reason { request.headers.add(name: "X-Hyperplane-Reason", value: reason) }
        if let idempotencyKey {
            request.headers.add(name: "Idempotency-Key", value: idempotencyKey)
        }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        do {
            let response = try await http.execute(request, timeout: .seconds(timeoutSeconds))
            let buffer = try await response.body.collect(upTo: Self.answerLimitBytes)
            return RawAnswer(
                status: Int(response.status.code),
                contentType: response.headers.first(name: "Content-Type"),
                body: Array(buffer.readableBytesView))
        } catch {
            throw .unreachable(url: url, cause: Self.cause(of: error))
        }
    }

    /// The answer's body, if it is a success.
    func judge(_ answer: RawAnswer) throws(ControlError) -> [UInt8] {
        if (200..<300).contains(answer.status) { return answer.body }
        if answer.contentType?.hasPrefix(ProblemDocument.contentType) == true,
            let problem = try? JSONDecoder().decode(
                ProblemDocument.self, from: Data(answer.body))
        {
            throw .problem(problem)
        }
        throw .unexpectedAnswer(
            url: url, status: answer.status,
            detail: String(decoding: answer.body.prefix(200), as: UTF8.self))
    }

    func decode<T: Decodable>(
        _ type: T.Type, from body: [UInt8]
    ) throws(ControlError) -> T {
        do {
            return try JSONDecoder().decode(T.self, from: Data(body))
        } catch {
            throw .unexpectedAnswer(url: url, status: 200, detail: "\(error)")
        }
    }

    /// Keys in order, so that a call repeated by another process has the same body: the service
    /// knows a repeated idempotency key by it.
    package func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Types of the API are plain structs of texts and numbers, whose encoding can't fail.
        guard let data = try? encoder.encode(value) else { preconditionFailure() }
        return Array(data)
    }

    /// A cause in a few words.
    static func cause(of error: any Error) -> String {
        if let error = error as? HTTPClientError {
            if error == .connectTimeout || error == .deadlineExceeded { return "timed out" }
            return "\(error)"
        }
        let text = "\(error)"
        if text.contains("ECONNREFUSED") || text.contains("Connection refused") {
            return "connection refused"
        }
        return text
    }
}
