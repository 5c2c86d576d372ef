// What the control API's errors become on the command line: an exit status, and what to do.

package import ControlClient

extension Failure {
    /// The error of a call to `cluster`'s placement service.
    package init(_ error: ControlError, from cluster: Cluster) {
        switch error {
        case .unreachable(let url, let cause):
            self.init(
                .unreachable, "the placement service does not answer at \(url): \(cause)",
                advice: [
                    "The URL comes from \(cluster.origin).",
                    "Start hyperplane-placement there, or choose another service with --url URL,",
                    "--context NAME, or: hyperplane context use NAME",
                ])
        case .unexpectedAnswer(let url, let status, let detail):
            self.init(
                .unreachable, "\(url) answered as no placement service does (HTTP \(status))",
                advice: [
                    detail.shortened(to: 200),
                    "The URL comes from \(cluster.origin); see whether it is the right one.",
                ])
        case .invalidURL(let url):
            self.init(
                .usage, "'\(url)' is not the URL of a placement service",
                advice: [error.hint ?? "", "It comes from \(cluster.origin)."])
        case .problem(let document):
            self.init(document)
        }
    }

    private init(_ document: ProblemDocument) {
        let status: ExitStatus =
            switch document.status {
            case 404: .notFound
            case 503: .unreachable
            default: .refused
            }
        let message = document.detail.isEmpty ? document.title : document.detail
        self.init(status, message, advice: [document.hint].compactMap(\.self))
    }
}
