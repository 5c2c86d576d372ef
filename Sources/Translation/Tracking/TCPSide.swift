// What the tracker knows of one of the two senders of a connection: how far it has sent and
// acknowledged, how far it may send, and how large a window it has offered.

import Wire

/// One sender. 16 bytes.
@usableFromInline
struct TCPSide: Hashable, Sendable, BitwiseCopyable {
    /// Highest sequence number sent, plus one.
    @usableFromInline var end: UInt32 = 0
    /// Highest number that it may begin a segment at: what the other side acknowledged and the
    /// window on top. While `awaitsAnswer`: the sequence number of the SYN instead.
    @usableFromInline var limit: UInt32 = 0
    /// Highest acknowledgment sent: what it expects next of the other side.
    @usableFromInline var acknowledged: UInt32 = 0
    /// Largest window offered, to be shifted by `scale`; at least 1.
    @usableFromInline var window: UInt16 = 0
    /// Lower half: the shift of its windows. Upper half: that of a SYN which awaits an answer in
    /// the midst of a connection, plus one.
    @usableFromInline var scales: UInt8 = 0
    @usableFromInline var flags: Flags = []

    @usableFromInline
    struct Flags: OptionSet, Hashable, Sendable, BitwiseCopyable {
        @usableFromInline var rawValue: UInt8
        @inlinable init(rawValue: UInt8) { self.rawValue = rawValue }

        /// `end` and `window` mean something.
        @inlinable static var known: Flags { Flags(rawValue: 1) }
        /// `limit` does.
        @inlinable static var limited: Flags { Flags(rawValue: 2) }
        /// `acknowledged` does.
        @inlinable static var acknowledges: Flags { Flags(rawValue: 4) }
        /// `scale` was negotiated before our eyes, or offered, until the handshake is over.
        @inlinable static var scaleKnown: Flags { Flags(rawValue: 8) }
        /// Known from the midst of the connection only, so that more may be under way than was
        /// seen.
        @inlinable static var learned: Flags { Flags(rawValue: 16) }
        /// The client's SYN awaits the target's answer.
        @inlinable static var awaitsAnswer: Flags { Flags(rawValue: 32) }

        /// The first four and no other: nothing is left to ask before the bounds are checked.
        @inlinable static var settled: Flags { Flags(rawValue: 15) }
    }

    @inlinable init() {}

    /// RFC 7323 §2.3: a shift is 14 at most, which is what is assumed of one that wasn't seen.
    @inlinable
    var scale: UInt32 { flags.contains(.scaleKnown) ? UInt32(scales & 0xF) : 14 }

    /// What a sender whose history is not known is taken to have offered at the least, and how far
    /// it may have sent beyond what was seen.
    @usableFromInline static var slack: Int { 1 << 20 }

    /// The largest window offered, in bytes.
    @inlinable
    var largestWindow: Int {
        let bytes = Int(UInt32(window) &<< scale)
        return flags.contains(.learned) ? max(bytes, Self.slack) : bytes
    }

    /// Takes a window of `bytes` as offered.
    @inlinable
    mutating func offer(_ bytes: Int) {
        let units = (bytes + (1 &<< Int(scale)) - 1) &>> Int(scale)
        window = max(window, UInt16(clamping: max(units, 1)))
    }

    /// The SYN, or its answer, from which all of the sender's numbers follow. Its window is never
    /// scaled (RFC 7323 §2.2).
    @usableFromInline
    init(synchronizing segment: TCPSegment) {
        end = segment.end
        flags = segment.isPartial ? [.known, .scaleKnown, .learned] : [.known, .scaleKnown]
        window = max(segment.numbers.window, 1)
    }
}
