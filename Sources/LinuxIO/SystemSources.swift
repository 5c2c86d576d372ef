// The machine's time and randomness, for the executables: core layers are handed both.

internal import CLinux
public import Wire

/// The clock that engines live by: monotonic, and it counts the time that the machine slept
/// (CLOCK_BOOTTIME), so that a lease can't outlive a suspension.
public enum MonotonicClock {
    /// Nanoseconds since the machine started. A few tens of nanoseconds, no system call.
    public static func now() -> Tick { Tick(rawValue: clinux_boot_nanoseconds()) }
}

/// The wall clock, for what people read: captures and logs. It may jump.
public enum WallClock {
    /// Microseconds since 1970-01-01 00:00 UTC.
    public static func epochMicroseconds() -> UInt64 { clinux_epoch_microseconds() }
}

/// Random numbers of the kernel's, fit for keys and identities.
public enum RandomSource {
    /// 64 random bits. A system call, which blocks only in the first moments after a machine's
    /// start; traps if the kernel has no randomness to give.
    public static func uint64() -> UInt64 {
        var value: UInt64 = 0
        let result = unsafe clinux_random(&value)
        precondition(result == 0, "the kernel gives no random numbers")
        return value
    }
}
