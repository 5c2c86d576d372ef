// True time in a simulation, which no node can read: a node reads its own clock.

/// A moment of a simulation, from its beginning on.
public struct Moment: Hashable, Comparable, Sendable, BitwiseCopyable {
    public var nanoseconds: UInt64

    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    public static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
    static func + (left: Self, nanoseconds: UInt64) -> Moment {
        Moment(nanoseconds: left.nanoseconds + nanoseconds)
    }
    /// Nanoseconds from `right` to `left`, zero if `right` is later.
    static func - (left: Self, right: Self) -> UInt64 {
        left.nanoseconds > right.nanoseconds ? left.nanoseconds - right.nanoseconds : 0
    }

    static var start: Moment { Moment(nanoseconds: 0) }
    static var never: Moment { Moment(nanoseconds: .max) }
}

extension Moment: CustomStringConvertible {
    /// Seconds to the microsecond, in a column of ten.
    public var description: String {
        let micros = nanoseconds / 1000
        return Column.right("\(micros / 1_000_000)", 3) + "."
            + Column.zeros(Int(micros % 1_000_000), 6)
    }
}

/// Text in columns.
enum Column {
    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
    static func zeros(_ value: Int, _ width: Int) -> String {
        let digits = "\(value)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
