// What the command's exit status tells a script. The numbers are documented in docs/cli.md and
// never change their meaning.

/// The exit statuses of `hyperplane`.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    /// Done, and all that was asked for was printed.
    case ok = 0
    /// The service understood and refused.
    case refused = 1
    /// The command line, or the contexts file, is wrong; nothing was sent.
    case usage = 2
    /// The placement service or a node did not answer, so nothing or only a part was printed.
    case unreachable = 3
    /// What was named does not exist.
    case notFound = 4
}
