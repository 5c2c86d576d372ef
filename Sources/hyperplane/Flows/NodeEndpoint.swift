// The operations endpoint of a node: what the command line asks the nodes themselves, because the
// placement service knows configuration and no flow.

import AsyncHTTPClient
import ControlClient
import Foundation
import NIOCore
import NIOHTTP1

/// One node's endpoint.
struct NodeEndpoint: Sendable {
    let node: API.Node

    /// A node that is slower than that counts as not reachable.
    static let timeoutSeconds: Int64 = 5
    static let answerLimitBytes = 64 << 20

    /// `http://host:port`, whether or not the node registered itself with the scheme.
    var url: String {
        node.operations.contains("://") ? node.operations : "http://\(node.operations)"
    }

    func get<Answer: Decodable>(
        _ path: String, _ query: [URLQueryItem] = [], as type: Answer.Type
    ) async throws -> Answer {
        var components = URLComponents()
        components.path = path
        components.queryItems = query.isEmpty ? nil : query
        let request = HTTPClientRequest(url: url + (components.string ?? path))
        return try await decode(type, request)
    }

    func post<Answer: Decodable>(
        _ path: String, _ body: some Encodable, as type: Answer.Type
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(Array(try JSONEncoder().encode(body)))
        return try await decode(type, request)
    }

    private func decode<Answer: Decodable>(
        _ type: Answer.Type, _ request: HTTPClientRequest
    ) async throws -> Answer {
        let status: Int
        let body: Data
        do {
            let response = try await HTTPClient.shared.execute(
                request, timeout: .seconds(Self.timeoutSeconds))
            let buffer = try await response.body.collect(upTo: Self.answerLimitBytes)
            status = Int(response.status.code)
            body = Data(buffer.readableBytesView)
        } catch {
            throw unreachable(error)
        }
        guard (200..<300).contains(status) else { throw refusal(status, body) }
        do {
            return try JSONDecoder().decode(type, from: body)
        } catch {
            throw Failure(
                .unreachable, "node '\(node.name)' at \(url) answered what cannot be read",
                advice: ["\(error)".shortened(to: 200), "Its release may differ from this one's."])
        }
    }

    private func unreachable(_ error: any Error) -> Failure {
        let text = "\(error)"
        let cause =
            if (error as? HTTPClientError) == .connectTimeout
                || (error as? HTTPClientError) == .deadlineExceeded
            {
                "no answer within \(Self.timeoutSeconds) s"
            } else if text.contains("refused") {
                "connection refused"
            } else {
                text.shortened(to: 120)
            }
        return Failure(
            .unreachable, "node '\(node.name)' does not answer at \(url): \(cause)",
            advice: ["See its state: hyperplane status"])
    }

    private func refusal(_ status: Int, _ body: Data) -> Failure {
        let document = try? JSONDecoder().decode(Refusal.self, from: body)
        let kind: ExitStatus = status == 404 ? .notFound : status == 503 ? .unreachable : .refused
        return Failure(
            kind, "node '\(node.name)': \(document?.detail ?? "HTTP \(status)")",
            advice: [document?.hint].compactMap(\.self))
    }

    /// What is read of a node's problem document (RFC 9457 §3.1).
    private struct Refusal: Decodable {
        var detail: String
        var hint: String?
    }
}

/// What a node said, or why it said nothing.
struct NodeAnswer<Value: Sendable>: Sendable {
    var node: API.Node
    var result: Result<Value, Failure>

    var value: Value? { try? result.get() }
    var failure: Failure? { if case .failure(let failure) = result { failure } else { nil } }
}

extension Session {
    /// Asks all nodes at once; the answers stand in the order of the nodes' names.
    func askNodes<Value: Sendable>(
        _ nodes: [API.Node], _ question: @escaping @Sendable (NodeEndpoint) async throws -> Value
    ) async -> [NodeAnswer<Value>] {
        await withTaskGroup(of: NodeAnswer<Value>.self) { group in
            for node in nodes {
                group.addTask { await Self.answer(of: node, to: question) }
            }
            var answers: [NodeAnswer<Value>] = []
            for await answer in group { answers.append(answer) }
            return answers.sorted { ($0.node.name, $0.node.id) < ($1.node.name, $1.node.id) }
        }
    }

    private static func answer<Value: Sendable>(
        of node: API.Node, to question: @Sendable (NodeEndpoint) async throws -> Value
    ) async -> NodeAnswer<Value> {
        do {
            return NodeAnswer(
                node: node, result: .success(try await question(NodeEndpoint(node: node))))
        } catch {
            let failure =
                error as? Failure ?? Failure(.unreachable, "node '\(node.name)': \(error)")
            return NodeAnswer(node: node, result: .failure(failure))
        }
    }
}
