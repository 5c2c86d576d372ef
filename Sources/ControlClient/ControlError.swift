// What can go wrong between a client and the placement service, each with what to do about it.

/// Why a call of the control API gave no result.
public enum ControlError: Error, Sendable, Hashable {
    /// Nothing answers at the URL.
    case unreachable(url: String, cause: String)
    /// It answered, and said no.
    case problem(ProblemDocument)
    /// Something answered that isn't a placement service, or one of another release.
    case unexpectedAnswer(url: String, status: Int, detail: String)
    /// The URL of the service cannot be used.
    case invalidURL(String)

    /// What to do about it, for people.
    public var hint: String? {
        switch self {
        case .unreachable(let url, _):
            "Is it running? Try `curl \(url)/healthz`, start `hyperplane-placement`, or choose "
                + "another service by --context."
        case .problem(let document): document.hint
        case .unexpectedAnswer:
            "Check that the URL is the placement service's, and that its release fits this one."
        case .invalidURL: "Write it like http://127.0.0.1:8470."
        }
    }
}

extension ControlError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreachable(let url, let cause):
            "placement service not reachable at \(url): \(cause)"
        case .problem(let document): "\(document.title): \(document.detail) (\(document.code))"
        case .unexpectedAnswer(let url, let status, let detail):
            "unexpected answer from \(url), status \(status): \(detail)"
        case .invalidURL(let url): "\"\(url)\" is not an http URL"
        }
    }
}
