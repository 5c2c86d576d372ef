// SIGTERM and SIGINT as something to wait for.

import Dispatch
import Glibc

/// The process's stop signals, from now on.
// Nothing of it changes after `init`; Dispatch's sources may be let go from any thread.
final class StopSignals: @unchecked Sendable {
    private let signals: AsyncStream<Void>
    // Alive as long as somebody waits.
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        signals = stream
        sources = [SIGTERM, SIGINT].map { number in
            // Else the process would end before anybody hears of it.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
    }

    /// Returns when one comes, or when the task is cancelled.
    func next() async {
        for await _ in signals { return }
    }
}
