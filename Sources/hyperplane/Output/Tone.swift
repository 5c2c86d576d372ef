// The few colours of the command's output: a state's colour says whether it needs attention. Used
// on a terminal only.

/// What a value's colour tells.
package enum Tone: Sendable, Equatable {
    case plain, good, warning, bad, faint

    /// The tone of a state of the API's vocabulary; unknown states are plain.
    package init(state: String) {
        switch state.lowercased() {
        case "available", "associated", "healthy", "ready", "forward": self = .good
        case "pending", "draining", "deleting", "releasing", "terminating", "elsewhere":
            self = .warning
        case "unreachable", "drop", "not ready": self = .bad
        case "unused", "quiet": self = .faint
        default: self = .plain
        }
    }

    /// `text` between the escape sequences of ECMA-48 §8.3.117 (SGR).
    package func colour(_ text: String) -> String {
        let code: String
        switch self {
        case .plain: return text
        case .good: code = "32"
        case .warning: code = "33"
        case .bad: code = "31"
        case .faint: code = "2"
        }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}
