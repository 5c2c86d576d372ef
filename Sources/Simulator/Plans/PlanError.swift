// What is wrong with a plan's text, told so that it can be mended at once.

/// A plan that can't be run.
public struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1; 0 if it is the plan as a whole.
    public var line: Int
    public var message: String

    public var description: String { line == 0 ? message : "line \(line): \(message)" }
}
