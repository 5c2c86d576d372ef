// What standard output and input are connected to: decides on colours, widths and questions.

import Glibc

/// The terminal, if there is one.
package struct Terminal: Sendable {
    /// Characters in a line; nil where output goes to a pipe or a file.
    package var width: Int?
    package var isColoured: Bool
    /// A person can be asked: both standard input and standard error are terminals.
    package var isInteractive: Bool

    package init(width: Int? = nil, isColoured: Bool = false, isInteractive: Bool = false) {
        self.width = width
        self.isColoured = isColoured
        self.isInteractive = isInteractive
    }

    /// The process's own terminal. `NO_COLOR` (no-color.org) and `TERM=dumb` turn colours off.
    package static func current(environment: [String: String]) -> Terminal {
        let outputIsTerminal = isatty(STDOUT_FILENO) == 1
        let refusesColours =
            environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
        return Terminal(
            width: outputIsTerminal ? windowWidth(environment: environment) : nil,
            isColoured: outputIsTerminal && !refusesColours,
            isInteractive: isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1)
    }

    private static func windowWidth(environment: [String: String]) -> Int? {
        var size = winsize()
        // The kernel writes one `winsize`, and `size` is one.
        if unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            return Int(size.ws_col)
        }
        return environment["COLUMNS"].flatMap(Int.init)
    }
}
