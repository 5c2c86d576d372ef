// The HTTP server: Hummingbird reads and writes, the route table answers. Errors of every kind go
// out as problem documents.

import ControlClient
import HTTPTypes
import Hummingbird
public import Logging
import NIOCore

/// Serves the control API.
public struct ControlServer: Sendable {
    let service: ControlService
    let host: String
    let port: Int
    let logger: Logger

    /// `port` 0 takes a free one.
    public init(service: ControlService, host: String, port: Int, logger: Logger) {
        self.service = service
        self.host = host
        self.port = port
        self.logger = logger
    }

    /// Runs until the task is cancelled or, within a service group, asked to end gracefully.
    /// `onRunning` is told the port.
    public func run(onRunning: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        try await application(onRunning: onRunning).run()
    }

    /// Runs until SIGTERM or SIGINT.
    public func runUntilSignal(
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        try await application(onRunning: onRunning).runService()
    }

    private func application(
        onRunning: @escaping @Sendable (Int) async -> Void
    ) -> some ApplicationProtocol {
        Application(
            responder: ControlResponder(service: service),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "hyperplane-placement"),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? 0) },
            logger: logger)
    }
}

/// Between Hummingbird's requests and the route table's calls.
struct ControlResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let service: ControlService
    let metrics = ServerMetrics()

    func respond(to request: Request, context: Context) async throws -> Response {
        let answer: Answer
        let method = request.method.rawValue
        do throws(Problem) {
            let call = try await call(from: request)
            answer =
                call.path == "/metrics" && method == "GET"
                ? await metrics.page(of: service)
                : await RouteTable.control.answer(call, by: service)
        } catch {
            answer = Answer(error.at(request.uri.path))
        }
        metrics.count(method: method, status: answer.status)
        return response(from: answer)
    }

    private func call(from request: Request) async throws(Problem) -> Call {
        let body = try await body(of: request)
        var call = Call(
            method: request.method.rawValue, path: request.uri.path, body: body,
            caller: try caller(of: request),
            idempotencyKey: request.headers[.idempotencyKey])
        for (name, value) in request.uri.queryParameters {
            guard call.query.updateValue(String(value), forKey: String(name)) == nil else {
                throw .invalid(String(name), "\(name) stands twice in the query")
            }
        }
        return call
    }

    private func caller(of request: Request) throws(Problem) -> Caller {
        let actor = try Validation.text(
            "X-Hyperplane-Actor", request.headers[.actor] ?? "anonymous",
            length: Limits.actorLength)
        let reason = try request.headers[.reason].map { text throws(Problem) in
            try Validation.text("X-Hyperplane-Reason", text, length: Limits.reasonLength)
        }
        return Caller(actor: actor, reason: reason)
    }

    private func body(of request: Request) async throws(Problem) -> [UInt8] {
        do {
            let buffer = try await request.body.collect(upTo: Limits.bodyBytes)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem(
                status: 413, code: "body-too-large", title: "The body is too large",
                detail: "the body has more than \(Limits.bodyBytes) bytes")
        } catch {
            throw Problem(
                status: 400, code: "body-incomplete", title: "The body could not be read",
                detail: "\(error)")
        }
    }

    private func response(from answer: Answer) -> Response {
        var headers: HTTPFields = [.cacheControl: "no-store"]
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        guard answer.status != 204 else { return Response(status: .noContent, headers: headers) }
        headers[.contentType] = answer.contentType
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}

extension HTTPField.Name {
    fileprivate static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    fileprivate static let actor = HTTPField.Name("X-Hyperplane-Actor")!
    fileprivate static let reason = HTTPField.Name("X-Hyperplane-Reason")!
}
