// A run that could not be made, in words for the user.

/// Says what went wrong and what to do about it.
struct RunFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension RunFailure {
    /// What `body` makes, or its error in words.
    static func wrapping<T: ~Copyable, E: Error>(
        _ body: () throws(E) -> T
    ) throws(RunFailure) -> T {
        do { return try body() } catch { throw RunFailure("\(error)") }
    }
}
