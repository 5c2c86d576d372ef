// On which processors measurements run: on one each, so that no thread moves while it is measured.

import CProcessors

enum Processors {
    /// Those that this process was given, in order of their numbers. To be read before any is pinned.
    static func allowed() -> [Int32] { (0..<1024).filter { cprocessors_may_use($0) } }

    /// Keeps the calling thread on one processor.
    static func pin(to number: Int32) {
        precondition(cprocessors_pin(number) == 0, "processor \(number) can't be used")
    }
}
