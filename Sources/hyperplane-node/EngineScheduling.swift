// How the threads of engines share their cores with all else.

import ArgumentParser

/// What a peer waits for an answer is less than what a scheduler may take on a busy machine; so engines
/// run first, if they may.
enum EngineScheduling: String, ExpressibleByArgument, CaseIterable {
    case realTime = "real-time"
    case normal
}
