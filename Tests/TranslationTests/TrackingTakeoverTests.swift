import Testing
import Translation
import Wire

/// A tracker whose connection went on elsewhere for a while, or always did.
struct TrackingTakeoverTests {
    @Test func `an unknown tracker accepts either side first and learns`() {
        TrackingTranscript.play(
            """
            > PA seq 100 ack 700 len 50           = refresh tcpEstablished
            < A seq 700 ack 150                   = refresh tcpEstablished
            < PA seq 700 ack 150 len 1400         = refresh tcpEstablished
            > A seq 150 ack 2100                  = refresh tcpEstablished
            > FA seq 150 ack 2100                 = refresh tcpClientClosing
            """, from: .tcpEstablished)
        TrackingTranscript.play(
            """
            < PA seq 5 ack 9 len 50               = refresh tcpEstablished
            > A seq 9 ack 55                      = refresh tcpEstablished
            < FA seq 55 ack 9                     = refresh tcpTargetClosing
            """, from: .tcpEstablished)
    }

    @Test func `what an unknown tracker has learned it holds against strangers`() {
        TrackingTranscript.play(
            """
            > PA seq 100 ack 700 len 50           = refresh tcpEstablished
            < A seq 700 ack 150                   = refresh tcpEstablished
            > PA seq 900000000 ack 700 len 50     = tcpOutOfWindow tcpEstablished
            < PA seq 700 ack 900000000 len 50     = tcpOutOfWindow tcpEstablished
            < R seq 900000000                     = tcpResetInvalid tcpEstablished
            < R seq 700                           = refresh tcpTransitory
            """, from: .tcpEstablished)
    }

    @Test func `late segments seen first don't keep out the ones before them`() {
        // The client's retransmission is seen first; the target acknowledges far beyond it.
        TrackingTranscript.play(
            """
            > PA seq 100 ack 700 len 50           = refresh tcpEstablished
            < A seq 700 ack 600150                = refresh tcpEstablished
            > PA seq 600150 ack 700 len 50        = refresh tcpEstablished
            < PA seq 1000700 ack 600200 len 50    = refresh tcpEstablished
            < PA seq 100700 ack 600200 len 50     = refresh tcpEstablished
            > A seq 600200 ack 700                = refresh tcpEstablished
            """, from: .tcpEstablished)
    }

    @Test func `a late handshake after a takeover doesn't end what went on meanwhile`() {
        // Established elsewhere, which this tracker wasn't told: its state is still the opening.
        TrackingTranscript.play(
            """
            > S seq 0                             = refresh tcpOpening
            < SA seq 0 ack 1                      = refresh tcpEstablished
            > PA seq 24 ack 24 len 24             = refresh tcpEstablished
            < PA seq 24 ack 48 len 24             = refresh tcpEstablished
            """, from: .tcpOpening)
        // The same, where it was told of the opening's end.
        TrackingTranscript.play(
            """
            > S seq 0                             = refresh tcpEstablished
            < SA seq 0 ack 1                      = refresh tcpEstablished
            > PA seq 24 ack 24 len 24             = refresh tcpEstablished
            < PA seq 24 ack 48 len 24             = refresh tcpEstablished
            """, from: .tcpEstablished)
        // The SYN passed elsewhere, its late answer passes here.
        TrackingTranscript.play(
            """
            < SA seq 0 ack 1                      = refresh tcpEstablished
            > PA seq 24 ack 24 len 24             = refresh tcpEstablished
            < PA seq 24 ack 48 len 24             = refresh tcpEstablished
            """, from: .tcpOpening)
    }

    @Test func `a loosened tracker keeps its scales and learns the rest`() {
        TrackingTranscript.play(
            """
            > S seq 0 ws 0                        = refresh tcpOpening
            < SA seq 0 ack 1 ws 2                 = refresh tcpEstablished
            loosen
            > PA seq 5000000 ack 7000000 len 9    = refresh tcpEstablished
            < A seq 7000000 ack 5000009           = refresh tcpEstablished
            > PA seq 6052586 ack 7000000 len 9    = tcpOutOfWindow tcpEstablished
            > PA seq 6052585 ack 7000000 len 9    = refresh tcpEstablished
            """)
    }

    @Test func `an RST of an unknown connection passes and ends nothing`() {
        TrackingTranscript.play(
            """
            < R seq 700                           = pass tcpEstablished
            > RA seq 700 ack 3                    = pass tcpEstablished
            > PA seq 100 ack 700 len 50           = refresh tcpEstablished
            < R seq 700                           = refresh tcpTransitory
            """, from: .tcpEstablished)
    }

    @Test func `an opening taken over goes on`() {
        TrackingTranscript.play(
            """
            > S seq 0 ws 7                        = refresh tcpOpening
            loosen
            > S seq 0 ws 7                        = refresh tcpOpening
            < SA seq 0 ack 1 ws 7                 = refresh tcpEstablished
            """)
        TrackingTranscript.play(
            """
            > S seq 0 ws 7                        = refresh tcpOpening
            loosen
            < SA seq 0 ack 1 ws 7                 = refresh tcpEstablished
            > A seq 1 ack 1                       = refresh tcpEstablished
            > PA seq 1 ack 1 len 60000            = refresh tcpEstablished
            < PA seq 1 ack 60001 len 60000        = refresh tcpEstablished
            """)
        TrackingTranscript.play(
            """
            > S seq 0                             = refresh tcpOpening
            loosen
            > A seq 1 ack 1                       = refresh tcpOpening
            < PA seq 1 ack 1 len 60000            = refresh tcpEstablished
            """)
        TrackingTranscript.play(
            """
            > S seq 0                             = refresh tcpOpening
            loosen
            < RA absolute 0 ack 1                 = pass tcpOpening
            > S seq 900                           = refresh tcpOpening
            < RA absolute 0 ack 901               = refresh tcpTransitory
            """)
    }

    @Test func `a SYN come late after a takeover is not taken for the beginning`() {
        TrackingTranscript.play(
            """
            > S seq 0                             = refresh tcpOpening
            loosen
            > S seq 0                             = refresh tcpOpening
            < PA seq 300 ack 1 len 10             = refresh tcpEstablished
            < PA seq 310 ack 1501 len 10          = refresh tcpEstablished
            > PA seq 1501 ack 320 len 10          = refresh tcpEstablished
            """)
    }

    @Test func `a restarted client gets through an unknown tracker too`() {
        TrackingTranscript.play(
            """
            > S seq 1000000                       = refresh tcpEstablished
            < A seq 301 ack 701                   = refresh tcpEstablished
            > R seq 701                           = refresh tcpTransitory
            > S seq 1000000                       = reopen tcpOpening
            """, from: .tcpEstablished)
    }
}
