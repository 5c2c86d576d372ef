// What became of one case of a suite, over all the times that it was played.

public struct CaseReport: Hashable, Sendable, Codable {
    public var name: String
    /// Times that it was played, each on a flow of its own.
    public var sent = 0
    public var ok = 0
    public var failed = 0
    /// Why it failed, each reason once, the first few.
    public var problems: [String] = []

    public init(name: String) { self.name = name }

    mutating func note(_ problem: String) {
        if problems.count < 4, !problems.contains(problem) { problems.append(problem) }
    }

    /// What speaks against the run.
    var failures: [String] {
        if sent == 0 { return ["\(name): was not played"] }
        guard failed > 0 else { return [] }
        return ["\(name): \(failed) of \(sent) failed: \(problems.first ?? "")"]
    }
}
