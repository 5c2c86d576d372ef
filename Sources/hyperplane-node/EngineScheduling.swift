// How the threads of engines share their cores with all else.

import ArgumentParser

/// What a peer waits for an answer is less than what a scheduler may take on a busy machine. An engine
/// that runs first is never held up; but where senders share its core it wakes for each of their packets,
/// and batches of one cost several times as much.
enum EngineScheduling: String, ExpressibleByArgument, CaseIterable {
    case realTime = "real-time"
    case normal
}
