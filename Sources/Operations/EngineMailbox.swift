// How other threads speak to an engine: by leaving work that the engine's own thread does between
// two turns. The engine shares nothing, so nothing is ever read behind its back.

public import Node
import Synchronization
public import Wire

/// Work for one engine, from any thread.
public final class EngineMailbox: Sendable {
    public typealias Job = @Sendable (inout Engine, Tick) -> Void

    private let jobs = Mutex<[Job]>([])
    private let waiting = Atomic(false)
    private let wake: @Sendable () -> Void

    /// `wake` ends the engine's sleep.
    public init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    /// Leaves a job.
    public func post(_ job: @escaping Job) {
        jobs.withLock { $0.append(job) }
        waiting.store(true, ordering: .releasing)
        wake()
    }

    /// Leaves a job and waits for its result.
    public func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (inout Engine, Tick) -> Answer
    ) async -> Answer {
        await withCheckedContinuation { continuation in
            post { engine, now in continuation.resume(returning: question(&engine, now)) }
        }
    }

    /// Does all that is waiting. For the engine's thread; one atomic read if nothing is.
    public func work(on engine: inout Engine, at now: Tick) {
        guard waiting.load(ordering: .acquiring) else { return }
        waiting.store(false, ordering: .relaxed)
        let taken = jobs.withLock { jobs in
            defer { jobs.removeAll() }
            return jobs
        }
        for job in taken { job(&engine, now) }
    }
}
