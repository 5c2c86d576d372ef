// When each flow has something to do next. One timer a flow, kept in lists by due time, so that
// setting and taking one costs the same however many flows there are.

package import Wire

/// A wheel of 131,072 lists, each for 16.384 µs of 2.1 s; a timer further away than that is passed
/// over until its turn of the wheel.
///
/// Due times are rounded up to the lists' width, and no timer comes before its (rounded) time.
/// Memory: 16 bytes a flow and 512 KiB, allocated at `init`; nothing after.
package struct TimerWheel: Sendable {
    package static let quantumBits: UInt64 = 14
    private static let lists = 1 << 17
    private static let none = UInt32.max

    private struct Link: Sendable, BitwiseCopyable {
        /// In units of the lists' width; zero if not queued.
        var due: UInt64 = 0
        var previous = TimerWheel.none
        var next = TimerWheel.none
    }

    private var heads = Array(repeating: Self.none, count: Self.lists)
    private var links: [Link]
    private var cursor: UInt64

    package init(capacity: Int, start: Tick) {
        links = Array(repeating: Link(), count: capacity)
        cursor = start.rawValue >> Self.quantumBits
    }

    /// The time at which a timer set for `due` comes.
    package static func rounded(_ due: Tick) -> Tick {
        Tick(rawValue: ((due.rawValue + (1 << quantumBits - 1)) >> quantumBits) << quantumBits)
    }

    /// Sets the flow's timer, instead of the one it may have.
    package mutating func schedule(_ slot: UInt32, at due: Tick) {
        cancel(slot)
        let quanta = max(Self.rounded(due).rawValue >> Self.quantumBits, cursor)
        links[Int(slot)].due = quanta
        enqueue(slot)
    }

    package mutating func cancel(_ slot: UInt32) {
        let link = links[Int(slot)]
        guard link.due != 0 else { return }
        if link.previous == Self.none {
            heads[list(of: link.due)] = link.next
        } else {
            links[Int(link.previous)].next = link.next
        }
        if link.next != Self.none { links[Int(link.next)].previous = link.previous }
        links[Int(slot)] = Link()
    }

    /// Takes a flow whose time has come, or nil.
    package mutating func takeDue(_ now: Tick) -> UInt32? {
        let present = now.rawValue >> Self.quantumBits
        while cursor <= present {
            var slot = heads[list(of: cursor)]
            // A list also holds timers of later turns of the wheel; they stay.
            while slot != Self.none, links[Int(slot)].due > present { slot = links[Int(slot)].next }
            if slot != Self.none {
                cancel(slot)
                return slot
            }
            cursor += 1
        }
        return nil
    }

    /// When the next timer may come, at most `limit` after `now`.
    package func nextDue(after now: Tick, limitNanoseconds limit: UInt64) -> Tick {
        let end = (now + limit).rawValue >> Self.quantumBits
        var quanta = cursor
        while quanta < end, heads[Int(quanta) & (Self.lists - 1)] == Self.none { quanta += 1 }
        return Tick(rawValue: min(quanta << Self.quantumBits, (now + limit).rawValue))
    }

    private func list(of due: UInt64) -> Int { Int(truncatingIfNeeded: due) & (Self.lists - 1) }

    private mutating func enqueue(_ slot: UInt32) {
        let list = list(of: links[Int(slot)].due)
        let head = heads[list]
        links[Int(slot)].next = head
        links[Int(slot)].previous = Self.none
        if head != Self.none { links[Int(head)].previous = slot }
        heads[list] = slot
    }
}
