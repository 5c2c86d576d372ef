// One end of a simulated connection: a plain TCP (RFC 9293) with selective acknowledgments, scaled
// windows, probes, keepalives and retransmissions at any time. Places count from its SYN as 0.

import Translation
import Wire

struct TrackingEndpoint {
    let isClient: Bool
    let base: UInt32
    /// Bytes to send; the FIN follows them.
    let length: Int
    let offeredScale: UInt8?
    /// Largest receive buffer.
    var buffer: Int

    var peerBase: UInt32?
    /// Oldest place not acknowledged; the next new one; how far the peer lets it send.
    var oldest = 0
    var next = 0
    var edge = 0
    /// Next place expected of the peer, and what came beyond it.
    var expected = 0
    var islands: [Range<Int>] = []
    /// Bytes received and not yet read by the application.
    var unread = 0
    var peerScale: UInt8?
    /// The highest edge ever offered: a window never shrinks.
    var offeredEdge = 0
    var peerFinished: Int?

    init(
        isClient: Bool, base: UInt32, length: Int, offeredScale: UInt8?, buffer: Int
    ) {
        self.isClient = isClient
        self.base = base
        self.length = length
        self.offeredScale = offeredScale
        self.buffer = buffer
    }

    var isOpen: Bool { oldest > 0 && expected > 0 }
    var hasSentAll: Bool { oldest == length + 2 }
    var isDone: Bool { hasSentAll && peerFinished.map { expected == $0 + 1 } ?? false }

    private var areScaled: Bool { offeredScale != nil && peerScale != nil }
    private var ownShift: UInt8 { areScaled ? offeredScale! : 0 }

    func number(_ place: Int) -> UInt32 { base &+ UInt32(truncatingIfNeeded: place) }

    // MARK: Sending

    mutating func segment(
        at place: Int, bytes: Int, _ flags: TCPFlags = []
    ) -> TCPSegment {
        let isSYN = place == 0
        var flags = flags
        if isSYN { flags.insert(.syn) }
        if expected > 0 { flags.insert(.ack) }
        let shift = isSYN ? 0 : ownShift
        let free = max(buffer - unread, offeredEdge - expected, 0)
        let raw = min(free >> Int(shift), 65535)
        offeredEdge = max(offeredEdge, expected + raw << Int(shift))
        let peer = peerBase ?? 0
        let acknowledgment =
            expected > 0 ? peer &+ UInt32(truncatingIfNeeded: expected) : 0
        let sacked = islands.map(\.upperBound).max()
        return TCPSegment(
            flags: flags,
            numbers: TCPNumbers(
                sequence: number(place), acknowledgment: acknowledgment,
                acknowledgedEdge: sacked.map { peer &+ UInt32(truncatingIfNeeded: $0) },
                window: UInt16(raw),
                windowScale: isSYN && (isClient || peerScale != nil) ? offeredScale : nil),
            payloadBytes: UInt32(bytes))
    }

    /// What is sent next, of its own accord. `choice` picks among what is allowed.
    mutating func send(_ choice: Int, most: Int) -> TCPSegment? {
        if oldest == 0 { return opening() }
        guard isOpen else { return nil }
        switch choice % 8 {
        case 0, 1, 2, 3: return newData(most)
        case 4: return repeated(from: oldest, most)
        case 5: return repeated(from: oldest + choice / 8 % max(1, next - oldest), most)
        case 6 where oldest == next: return segment(at: next - 1, bytes: 0)
        default: return segment(at: next, bytes: 0)
        }
    }

    private mutating func opening() -> TCPSegment? {
        guard isClient || expected > 0 else { return nil }
        next = max(next, 1)
        return segment(at: 0, bytes: 0)
    }

    private mutating func newData(_ most: Int) -> TCPSegment {
        let allowed = min(edge, length + 1) - next
        if allowed <= 0, next <= length, oldest == next {
            // RFC 9293 §3.8.6.1: a probe.
            next += 1
            return segment(at: next - 1, bytes: 1)
        }
        let bytes = min(allowed, most)
        if bytes > 0 {
            next += bytes
            return segment(at: next - bytes, bytes: bytes, .psh)
        }
        if next == length + 1 {
            next += 1
            return segment(at: next - 1, bytes: 0, .fin)
        }
        return segment(at: next, bytes: 0)
    }

    private mutating func repeated(from place: Int, _ most: Int) -> TCPSegment {
        if place >= next { return segment(at: next, bytes: 0) }
        let bytes = min(most, min(next, length + 1) - place)
        let takesFIN = place + bytes == length + 1 && next == length + 2
        return segment(at: place, bytes: max(bytes, 0), takesFIN ? .fin : [])
    }

    // MARK: Receiving

    func place(_ number: UInt32) -> Int {
        expected + Int(Int32(bitPattern: number &- (peerBase! &+ UInt32(expected))))
    }

    func acknowledged(_ segment: TCPSegment) -> Int {
        oldest + Int(Int32(bitPattern: segment.numbers.acknowledgment &- number(oldest)))
    }

    func windowEdge(_ segment: TCPSegment) -> Int {
        let shift = segment.flags.contains(.syn) || !areScaled ? 0 : peerScale!
        return acknowledged(segment) + Int(segment.numbers.window) << Int(shift)
    }

    static func length(_ segment: TCPSegment) -> Int {
        Int(segment.payloadBytes) + (segment.flags.contains(.syn) ? 1 : 0)
            + (segment.flags.contains(.fin) ? 1 : 0)
    }

    /// Whether the segment would tell this end anything new that it may believe.
    func wants(_ segment: TCPSegment) -> Bool {
        guard peerBase != nil else { return segment.flags.contains(.syn) }
        let start = place(segment.numbers.sequence)
        let end = start + Self.length(segment)
        // RFC 9293 §3.4: what is not acceptable is not looked at for its acknowledgment.
        guard end >= expected, start <= max(offeredEdge, expected) else { return false }
        if segment.flags.contains(.ack) {
            let place = acknowledged(segment)
            if place > oldest && place <= next { return true }
            if oldest > 0, place == oldest, windowEdge(segment) > edge { return true }
        }
        return end > expected
            && !islands.contains { $0.lowerBound <= start && $0.upperBound >= end }
    }

    /// Takes a segment in. True if it is to be answered.
    mutating func receive(_ segment: TCPSegment) -> Bool {
        if segment.flags.contains(.syn), peerBase == nil {
            peerBase = segment.numbers.sequence
            peerScale = segment.numbers.windowScale
        }
        guard peerBase != nil else { return false }
        if segment.flags.contains(.ack) {
            let place = acknowledged(segment)
            if place > next { return true }
            edge = max(edge, windowEdge(segment))
            oldest = max(oldest, place)
        }
        return takeData(segment)
    }

    private mutating func takeData(_ segment: TCPSegment) -> Bool {
        let start = place(segment.numbers.sequence)
        let end = start + Self.length(segment)
        guard Self.length(segment) > 0 else { return start < expected }
        guard start <= max(offeredEdge, expected), end > expected else { return true }
        if segment.flags.contains(.fin) { peerFinished = end - 1 }
        islands.append(max(start, expected)..<end)
        let before = expected
        while let island = islands.first(where: { $0.lowerBound <= expected }) {
            expected = max(expected, island.upperBound)
            islands.removeAll { $0.upperBound <= expected }
        }
        unread += expected - before
        return true
    }

    mutating func read(_ bytes: Int) { unread -= min(unread, bytes) }
}
