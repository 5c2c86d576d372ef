// Before whom a thread runs.

internal import CLinux

/// The scheduling of the calling thread.
public enum ThreadPriority {
    /// Lets the calling thread run before all that have no real-time priority (`SCHED_RR`, the lowest
    /// level of it; sched(7)). What it starts doesn't inherit that. Needs CAP_SYS_NICE, or a limit
    /// RLIMIT_RTPRIO of 1.
    public static func takeRealTime() -> Result<Void, IOError> {
        let result = clinux_take_real_time()
        return result < 0
            ? .failure(IOError(result, operation: "take real-time priority")) : .success(())
    }
}
