// A node's own endpoint over HTTP: health, metrics, status, flow list, explain, drain. It is meant
// for the operator's network.

import ControlClient
import Foundation
import HTTPTypes
import Hummingbird
public import Logging
import NIOCore

/// Serves one node's endpoint.
public struct OperationsServer: Sendable {
    let operations: NodeOperations
    let host: String
    let port: Int
    let logger: Logger

    public init(operations: NodeOperations, host: String, port: Int, logger: Logger) {
        self.operations = operations
        self.host = host
        self.port = port
        self.logger = logger
    }

    /// Runs until its task is cancelled.
    public func run() async throws {
        try await Application(
            router: router(),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "hyperplane-node"),
            logger: logger
        ).runService(gracefulShutdownSignals: [])
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        let operations = operations
        router.get("/healthz") { _, _ in text("ok\n") }
        router.get("/readyz") { _, _ in
            guard let missing = operations.notReady else { return text("ready\n") }
            return text(missing + "\n", status: .serviceUnavailable)
        }
        router.get("/metrics") { _, _ in
            text(await operations.metrics(), type: PrometheusText.contentType)
        }
        router.get("/v1/status") { _, _ in try json(await operations.status()) }
        router.post("/v1/drain") { _, _ in try json(await operations.drain(true)) }
        router.post("/v1/undrain") { _, _ in try json(await operations.drain(false)) }
        router.get("/v1/flows") { request, _ in
            await answer { () async throws(FlowQueryError) in
                try await operations.flows(query(of: request))
            }
        }
        router.get("/v1/ports") { request, _ in
            await answer { () async throws(FlowQueryError) in
                try await operations.ports(portQuery(of: request))
            }
        }
        router.post("/v1/explain") { request, _ in
            let body = try await request.body.collect(upTo: 65536)
            let asked: NodeAPI.ExplainRequest
            do {
                asked = try JSONDecoder().decode(
                    NodeAPI.ExplainRequest.self, from: Data(body.readableBytesView))
            } catch {
                return problem(FlowQueryError(detail: "the body is no question: \(error)"))
            }
            return await answer { () async throws(FlowQueryError) in
                try await operations.explain(asked)
            }
        }
        return router
    }
}

private func query(of request: Request) throws(FlowQueryError) -> FlowQuery {
    let items = request.uri.queryParameters
    func item(_ name: String) -> String? { items[Substring(name)].map(String.init) }
    var query = FlowQuery()
    query.tenant = item("tenant")
    query.resource = item("resource")
    query.address = item("address")
    query.port = item("port")
    query.state = item("state")
    if let limit = try limit(of: request) { query.limit = limit }
    return query
}

private func portQuery(of request: Request) throws(FlowQueryError) -> PortQuery {
    let items = request.uri.queryParameters
    func item(_ name: String) -> String? { items[Substring(name)].map(String.init) }
    var query = PortQuery()
    query.by = item("by")
    query.tenant = item("tenant")
    query.natGateway = item("natGateway")
    if let limit = try limit(of: request) { query.limit = limit }
    return query
}

private func limit(of request: Request) throws(FlowQueryError) -> Int? {
    guard let text = request.uri.queryParameters["limit"] else { return nil }
    guard let number = Int(text), (1...100_000).contains(number) else {
        throw FlowQueryError(detail: "limit: must be from 1 to 100000")
    }
    return number
}

private func answer<Value: Encodable>(
    _ make: () async throws(FlowQueryError) -> Value
) async -> Response {
    do {
        return try json(await make())
    } catch let error as FlowQueryError {
        return problem(error)
    } catch {
        return problem(FlowQueryError(detail: "\(error)"))
    }
}

private func problem(_ error: FlowQueryError) -> Response {
    // RFC 9457 §3: a program reads the status, people read the detail and the hint.
    let title =
        switch error.status {
        case .bad: "Bad request"
        case .unknown: "Not known here"
        case .notServing: "Not serving yet"
        }
    var document = ["type": "about:blank", "title": title, "detail": error.detail]
    document["hint"] = error.hint
    let body = (try? JSONEncoder().encode(document)) ?? Data()
    return response(
        Array(body), type: "application/problem+json",
        status: HTTPResponse.Status(code: error.status.rawValue))
}

private func json(_ value: some Encodable) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return response(Array(try encoder.encode(value)), type: "application/json", status: .ok)
}

private func text(
    _ text: String, type: String = "text/plain; charset=utf-8", status: HTTPResponse.Status = .ok
) -> Response {
    response(Array(text.utf8), type: type, status: status)
}

private func response(_ bytes: [UInt8], type: String, status: HTTPResponse.Status) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = type
    return Response(
        status: status, headers: headers,
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
}
