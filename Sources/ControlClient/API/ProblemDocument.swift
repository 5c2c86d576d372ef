// Errors of the control API, as RFC 9457 asks: `application/problem+json`.

/// What went wrong, for people and for programs.
public struct ProblemDocument: Codable, Sendable, Hashable, Error {
    // RFC 9457 §3.1: type, title, status, detail, instance.
    /// `urn:hyperplane:problem:<code>`.
    public var type: String
    /// What kind of problem it is, the same for every occurrence.
    public var title: String
    /// The HTTP status.
    public var status: Int
    /// What is wrong this time.
    public var detail: String
    /// The path that was asked for.
    public var instance: String?
    // RFC 9457 §3.2: extension members.
    /// What programs should look at.
    public var code: String
    /// What to do about it.
    public var hint: String?
    /// The field of the request that is wrong.
    public var field: String?
    /// The things that stand in the way, e.g. those that use what was to be deleted.
    public var conflicts: [Identifier]?

    public static let contentType = "application/problem+json"

    public init(
        status: Int, code: String, title: String, detail: String, hint: String? = nil,
        field: String? = nil, conflicts: [Identifier]? = nil, instance: String? = nil
    ) {
        type = "urn:hyperplane:problem:" + code
        self.title = title
        self.status = status
        self.detail = detail
        self.instance = instance
        self.code = code
        self.hint = hint
        self.field = field
        self.conflicts = conflicts
    }
}
