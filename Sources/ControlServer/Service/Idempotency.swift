// Requests that say "I may have asked this before": the same key with the same request gives the
// first answer again, the same key with another request is refused. What is kept is written in the
// transaction of the change itself, so that a crash leaves both or neither.

import ControlClient

/// What was asked under an idempotency key, and what was answered.
struct IdempotencyRecord: Codable, Sendable, Equatable {
    static let collection = "idempotency"

    /// Method, path and body of the request.
    var request: String
    var status: Int
    var answer: String
    /// Milliseconds since 1970.
    var time: Int64
}

/// A key, by whom it is used, and for what.
struct IdempotencyToken: Sendable, Hashable {
    var key: String
    var actor: String
    var request: String

    var storeKey: String {
        "\(IdempotencyRecord.collection)/\(ControlClient.percentEncoded(actor))/\(key)"
    }
}

extension ProblemDocument {
    static var idempotencyKeyReused: Problem {
        Problem(
            status: 422, code: "idempotency-key-reused",
            title: "The idempotency key was used for another request",
            detail: "the Idempotency-Key of this request came before, with another path or body",
            hint: "Draw a new key for each new request.")
    }
}
