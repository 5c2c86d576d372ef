// Everything that is not the answer itself - errors, warnings, questions - goes to standard error,
// so that a pipe carries the answer alone.

import Foundation

enum StandardError {
    static func write(_ text: String, terminator: String = "\n") {
        FileHandle.standardError.write(Data((text + terminator).utf8))
    }

    static func warn(_ text: String) {
        write("Warning: \(text)".withoutControlCharacters)
    }
}
