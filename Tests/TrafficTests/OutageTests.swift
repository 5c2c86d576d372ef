// The outage, by hand-made cases: sending times in milliseconds, and when each was answered.

import Testing
import Traffic
import Wire

/// One sending: when, and when its answer came; nil for never.
private struct Sending {
    var at: UInt64
    var answered: UInt64?
    init(_ at: UInt64, _ answered: UInt64?) {
        self.at = at
        self.answered = answered
    }
}

private func longest(_ sendings: [Sending], end: UInt64 = 10_000) -> UInt64 {
    enum Event { case send(Int), answer(Int) }
    var events: [(at: UInt64, Event)] = []
    for (index, sending) in sendings.enumerated() {
        events.append((sending.at, .send(index)))
        if let answered = sending.answered { events.append((answered, .answer(index))) }
    }
    var track = OutageTrack()
    var tickets: [Int: UInt16] = [:]
    for event in events.sorted(by: { $0.at < $1.at }) {
        switch event.1 {
        case .send(let index): tickets[index] = track.sent(at: .milliseconds(event.at))
        case .answer(let index):
            track.answered(tickets[index] ?? 0, at: .milliseconds(event.at))
        }
    }
    track.finish(.milliseconds(end))
    return track.longestNanoseconds / 1_000_000
}

@Suite struct OutageTests {
    @Test func `without a bad packet there is no outage`() {
        #expect(longest([Sending(0, 1), Sending(10, 12), Sending(20, 70)]) == 0)
    }

    @Test func `a lost packet lasts from its sending to the sending of the next good one`() {
        #expect(longest([Sending(0, 1), Sending(10, nil), Sending(25, 26)]) == 15)
    }

    @Test func `an answer more than 50 ms late is as bad as none`() {
        #expect(longest([Sending(0, 1), Sending(10, 61), Sending(30, 31)]) == 20)
        #expect(longest([Sending(0, 1), Sending(10, 60), Sending(30, 31)]) == 0)
    }

    @Test func `a run of bad packets counts as one, and a good one between ends it`() {
        let run = [
            Sending(0, 1), Sending(10, nil), Sending(20, nil), Sending(30, 500), Sending(40, 41),
            Sending(50, nil), Sending(55, 56),
        ]
        #expect(longest(run) == 30)
    }

    @Test func `a good packet sent before the run's end is judged by its sending, not its answer`()
    {
        // The answer to the packet of 40 comes before that of 30 is overdue.
        #expect(longest([Sending(30, nil), Sending(40, 41), Sending(100, 101)]) == 10)
    }

    @Test func `an outage that nothing ended lasts to the end`() {
        #expect(longest([Sending(0, 1), Sending(100, nil), Sending(200, nil)], end: 1000) == 900)
    }

    @Test func `answers that come twice or after their time change nothing`() {
        var track = OutageTrack()
        let ticket = track.sent(at: .milliseconds(0))
        track.answered(ticket, at: .milliseconds(1))
        track.answered(ticket, at: .milliseconds(2))
        let lost = track.sent(at: .milliseconds(10))
        _ = track.sent(at: .milliseconds(100))
        track.answered(lost, at: .milliseconds(101))
        track.finish(.milliseconds(400))
        #expect(track.longestNanoseconds == 390_000_000)
    }

    @Test func `many sendings at once are all held`() {
        var track = OutageTrack()
        let tickets = (0..<5000).map { _ in track.sent(at: .milliseconds(5)) }
        for ticket in tickets.dropLast() { track.answered(ticket, at: .milliseconds(6)) }
        let last = track.sent(at: .milliseconds(9))
        track.answered(last, at: .milliseconds(10))
        track.finish(.milliseconds(100))
        #expect(track.longestNanoseconds == 4_000_000)
        #expect(track.sendings == 5001)
    }

    @Test func `the resolution is the mean time between sendings`() {
        var track = OutageTrack()
        for time in stride(from: 0 as UInt64, through: 100, by: 10) {
            _ = track.sent(at: .milliseconds(time))
        }
        #expect(track.resolutionNanoseconds == 10_000_000)
    }
}
