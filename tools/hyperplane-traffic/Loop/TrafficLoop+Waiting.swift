// Work that goes on beside the loop, such as a call to the placement service.

import LinuxIO
import Synchronization
import Traffic

extension TrafficLoop {
    /// Lets the flows go on until something is done, and gives what came of it.
    mutating func wait<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let outcome = Outcome<Value>()
        Task.detached {
            do {
                outcome.set(.success(try await work()))
            } catch { outcome.set(.failure(RunFailure("\(error)"))) }
        }
        try drive { _ in outcome.isKnown }
        guard let result = outcome.result else { throw RunFailure("the run was stopped") }
        return try result.get()
    }
}

/// What came of something that runs beside the loop.
private final class Outcome<Value: Sendable>: Sendable {
    private let value = Mutex<Result<Value, RunFailure>?>(nil)

    func set(_ result: Result<Value, RunFailure>) { value.withLock { $0 = result } }
    var isKnown: Bool { value.withLock { $0 != nil } }
    var result: Result<Value, RunFailure>? { value.withLock { $0 } }
}
