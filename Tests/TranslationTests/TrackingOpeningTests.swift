import Testing
import Translation
import Wire

/// The beginning of connections, the odd ones too.
struct TrackingOpeningTests {
    // RFC 7857 §2, INIT; RFC 9293 §3.8.1: SYNs are sent again.
    @Test func `a repeated SYN and a repeated answer change nothing`() {
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            > S seq 0                   = refresh tcpOpening
            < SA seq 0 ack 1            = refresh tcpEstablished
            < SA seq 0 ack 1            = refresh tcpEstablished
            > A seq 1 ack 1             = refresh tcpEstablished
            < SA seq 0 ack 1            = refresh tcpEstablished
            > S seq 0                   = refresh tcpEstablished
            < A seq 1 ack 1             = refresh tcpEstablished
            """)
    }

    // RFC 5382 §4.2 REQ-2 (a), RFC 9293 §3.5: both send a SYN.
    @Test func `a simultaneous open is established by the client's answer`() {
        TrackingTranscript.play(
            """
            > S seq 0 ws 3              = refresh tcpOpening
            < S seq 0 ws 2              = pass tcpOpening
            > SA seq 0 ack 1            = refresh tcpEstablished
            < SA seq 0 ack 1            = refresh tcpEstablished
            > PA seq 1 ack 1 len 900    = refresh tcpEstablished
            < A seq 1 ack 901           = refresh tcpEstablished
            < S seq 0                   = pass tcpEstablished
            """)
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            < S seq 0                   = pass tcpOpening
            < SA seq 0 ack 1            = refresh tcpEstablished
            > SA seq 0 ack 1            = refresh tcpEstablished
            > PA seq 1 ack 1 len 5      = refresh tcpEstablished
            """)
        // The client's answer may be a bare ACK, if its SYN is known to have arrived.
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            < S seq 0                   = pass tcpOpening
            > A seq 1 ack 1             = refresh tcpOpening
            < A seq 1 ack 1             = refresh tcpEstablished
            """)
    }

    @Test func `a forged SYN from outside doesn't keep the real answer out`() {
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            < S seq 500000              = pass tcpOpening
            < SA seq 0 ack 1            = refresh tcpEstablished
            > A seq 1 ack 1             = refresh tcpEstablished
            < PA seq 1 ack 1 len 100    = refresh tcpEstablished
            """)
    }

    // RFC 9293 §3.5, figure 8: the answer to an old SYN is reset by the client.
    @Test func `an answer to another SYN passes, so that the client can reset it`() {
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            < SA seq 7777 ack -5000     = pass tcpOpening
            > R seq -5000               = pass tcpOpening
            < SA seq 0 ack 1            = refresh tcpEstablished
            """)
    }

    // RFC 9293 §3.5.1, RFC 5961 §4.2: the target still has the old connection, we don't.
    @Test func `a half-open connection at the target is found and begun anew`() {
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            < A seq 9000 ack -700000    = pass tcpOpening
            > R seq -700000             = pass tcpOpening
            > S seq 0                   = refresh tcpOpening
            < SA seq 0 ack 1            = refresh tcpEstablished
            """)
    }

    // RFC 5961 §4.2: a restarted client takes the same tuple; SYN, the target's challenge, the RST
    // that it provokes, and the next SYN all pass.
    @Test func `a restarted client gets through to a new connection`() {
        TrackingTranscript.play(
            TrackingLifeTests.handshake + """
                > PA seq 1 ack 1 len 700    = refresh tcpEstablished
                < PA seq 1 ack 701 len 300  = refresh tcpEstablished
                > A seq 701 ack 301         = refresh tcpEstablished
                > S seq 1000000             = refresh tcpEstablished
                < A seq 301 ack 701         = refresh tcpEstablished
                > R seq 701                 = refresh tcpTransitory
                > S seq 1000000             = reopen tcpOpening
                < SA seq 50000 ack 1000001  = refresh tcpEstablished
                > A seq 1000001 ack 50001   = refresh tcpEstablished
                """)
    }

    @Test func `a restarted client gets through from a half-closed connection`() {
        TrackingTranscript.play(
            TrackingLifeTests.handshake + """
                < FA seq 1 ack 1            = refresh tcpTargetClosing
                > S seq 400000 ws 7         = refresh tcpTargetClosing
                < A seq 2 ack 1             = refresh tcpTargetClosing
                > R seq 1                   = refresh tcpTransitory
                > S seq 400000 ws 7         = reopen tcpOpening
                < SA seq 9 ack 400001 ws 7  = refresh tcpEstablished
                """)
    }

    @Test func `if both were restarted the answer to the new SYN is enough`() {
        TrackingTranscript.play(
            TrackingLifeTests.handshake + """
                > PA seq 1 ack 1 len 700                 = refresh tcpEstablished
                > S seq 1000000 ws 7                     = refresh tcpEstablished
                < SA seq 3000000 ack 1000001 ws 2        = refresh tcpEstablished
                > A seq 1000001 ack 3000001 win 500      = refresh tcpEstablished
                < PA seq 3000001 ack 1000001 len 64000   = refresh tcpEstablished
                < PA seq 4112578 ack 1000001 len 1       = tcpOutOfWindow tcpEstablished
                < PA seq 4112577 ack 1000001 len 1       = refresh tcpEstablished
                > PA seq 2052578 ack 3000001 len 1       = tcpOutOfWindow tcpEstablished
                > PA seq 2052577 ack 3000001 len 1       = refresh tcpEstablished
                """)
        TrackingTranscript.play(
            TrackingLifeTests.handshake + """
                > S seq 1000000             = refresh tcpEstablished
                < RA absolute 0 ack 1000001 = refresh tcpTransitory
                > S seq 1200000             = reopen tcpOpening
                """)
    }

    // RFC 9293 §3.6.1 MAY-2: a new connection begins beyond the old one's numbers.
    @Test func `an old SYN come late ends no closing connection`() {
        TrackingTranscript.play(
            TrackingLifeTests.handshake + """
                > FA seq 1 ack 1            = refresh tcpClientClosing
                < FA seq 1 ack 2            = refresh tcpClosing
                > S seq 0                   = refresh tcpClosing
                > A seq 2 ack 2             = refresh tcpClosing
                > S seq -500000             = refresh tcpClosing
                < SA seq 900000 ack -499999 = refresh tcpEstablished
                > A seq -499999 ack 900001  = refresh tcpEstablished
                """)
        TrackingTranscript.play(
            TrackingLifeTests.handshake + """
                > FA seq 1 ack 1            = refresh tcpClientClosing
                < FA seq 1 ack 2            = refresh tcpClosing
                > S seq 2                   = reopen tcpOpening
                """)
    }

    @Test func `late duplicates of a handshake don't end what followed it`() {
        TrackingTranscript.play(
            TrackingLifeTests.handshake + """
                > PA seq 1 ack 1 len 700    = refresh tcpEstablished
                < A seq 1 ack 701           = refresh tcpEstablished
                < PA seq 1 ack 701 len 900  = refresh tcpEstablished
                > S seq 0                   = refresh tcpEstablished
                < SA seq 0 ack 1            = refresh tcpEstablished
                > A seq 701 ack 901         = refresh tcpEstablished
                < PA seq 901 ack 701 len 5  = refresh tcpEstablished
                """)
    }

    @Test func `a client that tries again with another number begins again`() {
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            > S seq 80000               = refresh tcpOpening
            < SA seq 0 ack 1            = pass tcpOpening
            < SA seq 0 ack 80001        = refresh tcpEstablished
            """)
    }

    // RFC 7413 §2: data in the SYN, and the target's before the handshake is over.
    @Test func `a SYN may carry data, acknowledged with it or not`() {
        TrackingTranscript.play(
            """
            > S seq 0 len 400           = refresh tcpOpening
            < SA seq 0 ack 401          = refresh tcpEstablished
            < PA seq 1 ack 401 len 900  = refresh tcpEstablished
            > A seq 401 ack 901         = refresh tcpEstablished
            """)
        TrackingTranscript.play(
            """
            > S seq 0 len 400           = refresh tcpOpening
            < SA seq 0 ack 402          = pass tcpOpening
            < SA seq 0 ack 1            = refresh tcpEstablished
            > PA seq 1 ack 1 len 400    = refresh tcpEstablished
            """)
    }

    @Test func `a SYN come late takes no bound away`() {
        TrackingTranscript.play(
            TrackingLifeTests.handshake + """
                > S seq 0                   = refresh tcpEstablished
                > PA seq 1002 ack 1 len 1   = tcpOutOfWindow tcpEstablished
                < SA seq 700000 ack 1002    = tcpUnexpectedSYN tcpEstablished
                > S seq 1000000             = refresh tcpEstablished
                < A seq 1 ack 1             = refresh tcpEstablished
                > PA seq 1002 ack 1 len 1   = tcpOutOfWindow tcpEstablished
                < SA seq 700000 ack 1002    = tcpUnexpectedSYN tcpEstablished
                """)
    }

    @Test func `a client resets what it doesn't know, a forged SYN or not`() {
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            < S seq 500000              = pass tcpOpening
            < A seq 9 ack -70000000     = pass tcpOpening
            > R seq -70000000           = pass tcpOpening
            > R seq 1                   = refresh tcpTransitory
            """)
    }

    // RFC 5382 §4.3 REQ-4 (a): the target begins nothing.
    @Test func `a SYN from the target out of nowhere is refused`() {
        TrackingTranscript.play(
            TrackingLifeTests.handshake + """
                < S seq 700000              = tcpUnexpectedSYN tcpEstablished
                < SA seq 700000 ack 1       = tcpUnexpectedSYN tcpEstablished
                < SA seq 0 ack 5000         = tcpUnexpectedSYN tcpEstablished
                > SA seq 700000 ack 1       = tcpUnexpectedSYN tcpEstablished
                > FA seq 1 ack 1            = refresh tcpClientClosing
                < FA seq 1 ack 2            = refresh tcpClosing
                < S seq 700000              = tcpUnexpectedSYN tcpClosing
                < S seq 3                   = tcpUnexpectedSYN tcpClosing
                """)
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            > SA seq 0 ack 1            = tcpUnexpectedSYN tcpOpening
            < S seq 0                   = pass tcpOpening
            > SA seq 0 ack 2            = tcpUnexpectedSYN tcpOpening
            > SA seq 5 ack 1            = tcpUnexpectedSYN tcpOpening
            """)
    }

    @Test func `an answer that went another way is learned from what follows it`() {
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            > A seq 1 ack 500           = refresh tcpOpening
            < PA seq 500 ack 1 len 100  = refresh tcpEstablished
            > A seq 1 ack 600           = refresh tcpEstablished
            """)
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            < PA seq 500 ack 1 len 100  = refresh tcpEstablished
            < SA seq 499 ack 1          = refresh tcpEstablished
            > A seq 1 ack 600           = refresh tcpEstablished
            """)
        TrackingTranscript.play(
            """
            > S seq 0                   = refresh tcpOpening
            > A seq -800 ack 500        = tcpOutOfWindow tcpOpening
            > PA seq 5000000 ack 500 len 4 = tcpOutOfWindow tcpOpening
            """)
    }
}
