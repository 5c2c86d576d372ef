import Testing
import Translation
import Wire

/// RFC 5961 §3.2: only the exact number ends a connection.
struct TrackingResetTests {
    static let exchange =
        TrackingLifeTests.handshake + """
            > PA seq 1 ack 1 len 500 win 60000   = refresh tcpEstablished
            < PA seq 1 ack 501 len 900 win 60000 = refresh tcpEstablished

            """

    @Test func `an RST is exact at what was acknowledged and at the end of what was sent`() {
        // The client has not acknowledged the target's 900 bytes.
        for number in [1, 901] {
            TrackingTranscript.play(
                Self.exchange + "< R seq \(number)          = refresh tcpTransitory")
        }
        TrackingTranscript.play(Self.exchange + "> R seq 501 = refresh tcpTransitory")
        TrackingTranscript.play(Self.exchange + "> RA seq 501 ack 0 = refresh tcpTransitory")
        TrackingTranscript.play(Self.exchange + "> RA seq 501 ack 9999 = refresh tcpTransitory")
    }

    @Test func `an inexact RST in the window passes and ends nothing`() {
        TrackingTranscript.play(
            Self.exchange + """
                < R seq 2                   = pass tcpEstablished
                < R seq 900                 = pass tcpEstablished
                < RA seq 60001 ack 501      = pass tcpEstablished
                > R seq 502                 = pass tcpEstablished
                > A seq 501 ack 901         = refresh tcpEstablished
                < R seq 901                 = refresh tcpTransitory
                """)
    }

    @Test func `an RST outside the window is refused`() {
        TrackingTranscript.play(
            Self.exchange + """
                < R seq 0                   = tcpResetInvalid tcpEstablished
                < R seq 60002               = tcpResetInvalid tcpEstablished
                < R seq -100000             = tcpResetInvalid tcpEstablished
                < R seq 2147483000          = tcpResetInvalid tcpEstablished
                > R seq 500                 = tcpResetInvalid tcpEstablished
                > R seq 60502               = tcpResetInvalid tcpEstablished
                > R seq -1                  = tcpResetInvalid tcpEstablished
                """)
    }

    // RFC 9293 §3.10.7.3: in SYN-SENT an RST must acknowledge the SYN.
    @Test func `a SYN is refused only by an RST that acknowledges it`() {
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            < R seq 0                   = tcpResetInvalid tcpOpening
            < RA absolute 0 ack 0       = tcpResetInvalid tcpOpening
            < RA absolute 0 ack 2       = tcpResetInvalid tcpOpening
            < R absolute 0 ack 1        = tcpResetInvalid tcpOpening
            < RA absolute 0 ack 1       = refresh tcpTransitory
            < SA seq 0 ack 1            = refresh tcpEstablished
            """)
    }

    @Test func `a client takes its SYN back`() {
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            > R seq 1                   = refresh tcpTransitory
            > R seq 1                   = pass tcpTransitory
            > S seq 0                   = reopen tcpOpening
            """)
    }

    // RFC 7857 §2: an RST in each state of the figure.
    @Test func `half-closed connections are reset, closed ones linger on`() {
        TrackingTranscript.play(
            TrackingLifeTests.handshake + """
                > FA seq 1 ack 1            = refresh tcpClientClosing
                < A seq 1 ack 2             = refresh tcpClientClosing
                < R seq 1                   = refresh tcpTransitory
                < FA seq 1 ack 2            = refresh tcpTargetClosing
                > R seq 2                   = refresh tcpTransitory
                """)
        TrackingTranscript.play(
            TrackingLifeTests.handshake + """
                > FA seq 1 ack 1            = refresh tcpClientClosing
                < FA seq 1 ack 2            = refresh tcpClosing
                > R seq 2                   = pass tcpClosing
                < R seq 2                   = pass tcpClosing
                < R seq 90000               = tcpResetInvalid tcpClosing
                """)
    }

    // RFC 5961 §3.2: the receiver of an inexact RST asks back and gets an exact one.
    @Test func `a challenge and the RST that answers it pass`() {
        TrackingTranscript.play(
            Self.exchange + """
                > PA seq 501 ack 901 len 100 = refresh tcpEstablished
                > R seq 551                  = pass tcpEstablished
                < A seq 901 ack 601          = refresh tcpEstablished
                > R seq 601                  = refresh tcpTransitory
                """)
    }

    // RFC 5382 §5: RSTs to both ends at expiry must be believed.
    @Test func `a made RST has the number that its receiver expects`() throws {
        var tracker = TCPTracker(opening: segment(.syn, 99))
        var state = FlowState.tcpOpening
        #expect(tracker.reset(from: .outbound) == TCPReset(sequence: 100, acknowledgment: nil))
        #expect(tracker.reset(from: .inbound) == TCPReset(sequence: 0, acknowledgment: 100))
        let steps: [(TCPSegment, FlowDirection)] = [
            (segment([.syn, .ack], 499, 100), .inbound), (segment(.ack, 100, 500), .outbound),
            (segment(.ack, 100, 500, bytes: 50), .outbound),
            (segment(.ack, 500, 150, bytes: 7), .inbound),
        ]
        for (segment, direction) in steps {
            _ = tracker.track(segment, direction, state: &state)
        }
        // The client has not acknowledged the 7 bytes.
        #expect(tracker.expectedSequence(of: .outbound) == 150)
        #expect(tracker.expectedSequence(of: .inbound) == 500)
        for direction in FlowDirection.allCases {
            let reset = try #require(tracker.reset(from: direction))
            #expect(reset.flags == [.rst, .ack])
            let made = segment(reset.flags, reset.sequence, reset.acknowledgment!)
            var copy = (tracker, state)
            #expect(copy.0.track(made, direction, state: &copy.1) == .pass(refreshes: true))
            #expect(copy.1 == .tcpTransitory)
        }
        #expect(TCPTracker.unknown.reset(from: .outbound) == nil)
    }

    // RFC 9293 §3.10.7.1.
    @Test func `a segment of no connection is answered so that its sender gives up`() {
        let withAck = TCPReset(answering: segment(.ack, 100, 500, bytes: 50))
        #expect(withAck == TCPReset(sequence: 500, acknowledgment: nil))
        #expect(withAck?.flags == .rst)
        let syn = TCPReset(answering: segment(.syn, .max))
        #expect(syn == TCPReset(sequence: 0, acknowledgment: 0))
        #expect(TCPReset(answering: segment(.rst, 1)) == nil)
        #expect(TCPReset(answering: segment([.rst, .ack], 1, 1)) == nil)
    }

    private func segment(
        _ flags: TCPFlags, _ sequence: UInt32, _ acknowledgment: UInt32 = 0, bytes: UInt32 = 0
    ) -> TCPSegment {
        TCPSegment(
            flags: flags,
            numbers: TCPNumbers(
                sequence: sequence, acknowledgment: acknowledgment, window: 1000),
            payloadBytes: bytes)
    }
}
