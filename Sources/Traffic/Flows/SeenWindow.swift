// Which of a flow's packets have come, so that the second copy of one is known for what it is.

/// The newest serial number that came and, of the 63 before it, which came too.
///
/// A number further behind counts as new: it can't be told any more. 10 bytes.
package struct SeenWindow: Sendable, BitwiseCopyable {
    /// Bit n: the number n below the newest came. Zero before any did.
    private var bits: UInt64 = 0
    private var newest: UInt16 = 0

    package init() {}

    /// Notes that a packet came. False if it had come before.
    package mutating func insert(_ serial: UInt16) -> Bool {
        guard bits != 0 else {
            newest = serial
            bits = 1
            return true
        }
        let ahead = Int16(truncatingIfNeeded: serial &- newest)
        if ahead > 0 {
            bits = (ahead > 63 ? 0 : bits << UInt64(ahead)) | 1
            newest = serial
            return true
        }
        guard ahead > -64 else { return true }
        let bit = UInt64(1) << UInt64(-ahead)
        defer { bits |= bit }
        return bits & bit == 0
    }
}
