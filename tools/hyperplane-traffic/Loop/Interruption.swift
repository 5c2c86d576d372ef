// Control-C: the run stops opening flows, and reports what it has.

import Glibc
import Synchronization

enum Interruption {
    private static let count = Atomic<Int>(0)

    /// From now on the first interruption or termination is a request, the second ends at once.
    static func observe() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                if Interruption.count.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { _exit(130) }
            }
        }
    }

    static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }
}
