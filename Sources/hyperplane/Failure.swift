// Why a command ended without doing what it was asked, and what the reader can do about it.

import Foundation

/// An error for a person: one sentence that says what is wrong, then lines that say what to do.
package struct Failure: Error, Equatable, Sendable {
    package var status: ExitStatus
    package var message: String
    package var advice: [String]

    package init(_ status: ExitStatus, _ message: String, advice: [String] = []) {
        self.status = status
        self.message = message
        self.advice = advice
    }

    /// As printed to standard error: the sentence behind `Error: `, the advice indented below.
    package var text: String {
        (["Error: \(message)"] + advice.map { "  \($0)" }).map(\.withoutControlCharacters)
            .joined(separator: "\n")
    }
}

extension Failure: LocalizedError {
    package var errorDescription: String? { message }
}

/// A value on the command line that is out of range or malformed. ArgumentParser puts the
/// option's name before the sentence.
package struct InvalidValue: Error, Equatable, Sendable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
