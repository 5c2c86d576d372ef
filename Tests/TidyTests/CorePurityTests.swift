// Layers 0 to 3 decide and do nothing else: no clock, randomness, thread, task, printing or
// Foundation. So the simulator runs the same code as the daemons, and a seed repeats a run.

import Foundation
import Testing

/// A word that core layers must not say, and what to do instead.
struct BannedUse: Sendable {
    let pattern: String
    let instead: String
}

struct CorePurityTests {
    static let banned = [
        BannedUse(pattern: #"\bDate\b"#, instead: "take `now: Tick` as an argument"),
        BannedUse(
            pattern: #"\b(Continuous|Suspending)Clock\b"#, instead: "take `now: Tick`"),
        BannedUse(
            pattern: #"\b(clock_gettime|gettimeofday|DispatchTime)\b"#,
            instead: "take `now: Tick`"),
        BannedUse(
            pattern: #"\bSystemRandomNumberGenerator\b"#, instead: "take a seed or a generator"),
        BannedUse(
            pattern: #"\.random\((?!.*using:)|\.(shuffled|shuffle|randomElement)\(\)"#,
            instead: "pass `using:` a seeded generator"),
        BannedUse(pattern: #"\bTask\b\s*[.({]"#, instead: "the executables own all threads"),
        BannedUse(pattern: #"\b(async|await|actor)\b"#, instead: "take batches, return batches"),
        BannedUse(pattern: #"\b(Thread|DispatchQueue|pthread_\w+)\b"#, instead: "see above"),
        BannedUse(pattern: #"\b(print|debugPrint|dump)\("#, instead: "return values or count"),
        BannedUse(
            pattern: #"\bHasher\b|\.hashValue\b"#,
            instead: "its seed differs in every process: use SipHash with a key"),
        BannedUse(pattern: #"\b(Logger|os_log|NSLog)\b"#, instead: "return values or count"),
    ]

    /// LinuxIO is where the machine's clock and randomness come in; it may name them.
    static let exceptions = ["LinuxIO"]

    @Test(arguments: CorePurityTests.banned.indices)
    func `core layers don't use what would make them differ from run to run`(index: Int) throws {
        let rule = Self.banned[index]
        let pattern = try Regex(rule.pattern)
        for file in SourceTree.swift {
            guard let module = file.module, let layer = Arrows.table[module]?.layer, layer <= 3,
                !Self.exceptions.contains(module)
            else { continue }
            for (line, number) in file.codeLines(with: pattern) {
                Issue.record("\(file.path):\(number): \(line) - \(rule.instead)")
            }
        }
    }
}
