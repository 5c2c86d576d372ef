// A command that runs beside a run: an operator's hands.

import Foundation
import LinuxIO
import Synchronization
import Traffic
import Wire

/// Runs a shell command some time after it was made, on a thread of its own.
final class Meanwhile: Sendable {
    private struct Course {
        var began: Tick?
        var ended: Tick?
        var status: Int32?
    }

    private let command: String
    /// What the report counts from.
    private let made: Tick
    private let course = Mutex(Course())

    init(
        _ command: String, afterSeconds seconds: Double, since made: Tick = MonotonicClock.now()
    ) {
        self.command = command
        self.made = made
        let thread = Thread { [self] in
            Thread.sleep(forTimeInterval: seconds)
            run()
        }
        thread.name = "meanwhile"
        thread.start()
    }

    private func run() {
        course.withLock { $0.began = MonotonicClock.now() }
        let status = ShellCommand.run(command)
        course.withLock {
            $0.ended = MonotonicClock.now()
            $0.status = status
        }
    }

    func report() -> MeanwhileReport {
        let course = course.withLock { $0 }
        let began = course.began ?? MonotonicClock.now()
        return MeanwhileReport(
            command: command, exitStatus: course.status,
            startedAfterSeconds: Double(began - made) / 1e9,
            seconds: Double((course.ended ?? MonotonicClock.now()) - began) / 1e9)
    }
}
