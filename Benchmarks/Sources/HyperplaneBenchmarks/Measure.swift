// Time, random numbers, and what keeps the optimizer honest.

import Glibc

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct SplitMix {
    var state: UInt64

    @inline(__always)
    static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ z &>> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z &>> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z &>> 31
    }

    @inline(__always)
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    @inline(__always)
    mutating func below(_ bound: UInt64) -> UInt64 {
        next().multipliedFullWidth(by: bound).high
    }
}

/// What measurements add up, so that their work is not removed.
nonisolated(unsafe) var sink: UInt64 = 0

@inline(never)
func consume(_ value: UInt64) { unsafe sink ^= value }

/// Nanoseconds that each of `count` operations took, of this thread's processor time: who shares
/// the processor with us then costs noise in the caches, and no more.
@inline(__always)
func nanosecondsEach(_ count: Int, _ work: () -> Void) -> Double {
    let start = processorNanoseconds()
    work()
    return (processorNanoseconds() - start) / Double(count)
}

private func processorNanoseconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}
