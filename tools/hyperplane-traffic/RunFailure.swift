// A run that could not be made, in words for the user.

/// Says what went wrong and what to do about it.
struct RunFailure: Error, CustomStringConvertible {
    let description: String
    /// The exit status: 2 for what the arguments say, 3 for what the world is like.
    let status: Int32

    init(_ description: String, status: Int32 = 3) {
        self.description = description
        self.status = status
    }

    /// The arguments, or a file that they name, ask for what can't be.
    static func wrongArgument(_ description: String) -> RunFailure {
        RunFailure(description, status: 2)
    }
}

extension RunFailure {
    /// What `body` makes, or its error in words.
    static func wrapping<T: ~Copyable, E: Error>(
        _ body: () throws(E) -> T
    ) throws(RunFailure) -> T {
        do { return try body() } catch { throw RunFailure("\(error)") }
    }
}
