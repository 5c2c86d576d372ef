// Everything that is not the answer itself - errors, warnings, questions - goes to standard error,
// so that a pipe carries the answer alone.

import Foundation
import Glibc

enum StandardError {
    static func write(_ text: String, terminator: String = "\n") {
        // What was printed before stands before, where both go to the same place.
        fflush(nil)
        FileHandle.standardError.write(Data((text + terminator).utf8))
    }

    static func warn(_ text: String) {
        write("Warning: \(text)".withoutControlCharacters)
    }
}
