import Testing
import Translation
import Wire

/// The life of a connection from its SYN to its end, as transcripts.
struct TrackingLifeTests {
    static let handshake = """
        > S seq 0                   = refresh tcpOpening
        < SA seq 0 ack 1            = refresh tcpEstablished
        > A seq 1 ack 1             = refresh tcpEstablished

        """

    // RFC 7857 §2: CLOSED, INIT, ESTABLISHED, C FIN RCV, C FIN + S FIN RCV.
    @Test func `a connection opens, carries data and is closed by the client first`() {
        TrackingTranscript.play(
            Self.handshake + """
                > PA seq 1 ack 1 len 500    = refresh tcpEstablished
                < A seq 1 ack 501           = refresh tcpEstablished
                < PA seq 1 ack 501 len 900  = refresh tcpEstablished
                > A seq 501 ack 901         = refresh tcpEstablished
                > FA seq 501 ack 901        = refresh tcpClientClosing
                < A seq 901 ack 502         = refresh tcpClientClosing
                < PA seq 901 ack 502 len 10 = refresh tcpClientClosing
                < FA seq 911 ack 502        = refresh tcpClosing
                > A seq 502 ack 912         = refresh tcpClosing
                < FA seq 911 ack 502        = pass tcpClosing
                """)
    }

    // RFC 7857 §2: S FIN RCV.
    @Test func `a connection is closed by the target first`() {
        TrackingTranscript.play(
            Self.handshake + """
                < FA seq 1 ack 1            = refresh tcpTargetClosing
                > A seq 1 ack 2             = refresh tcpTargetClosing
                < FA seq 1 ack 1            = refresh tcpTargetClosing
                > PA seq 1 ack 2 len 800    = refresh tcpTargetClosing
                < A seq 2 ack 801           = refresh tcpTargetClosing
                > FA seq 801 ack 2          = refresh tcpClosing
                < A seq 2 ack 802           = pass tcpClosing
                """)
    }

    // RFC 7857 §2: an RST leads to TRANS, and data back. RFC 7857 §2.2, RFC 7857 §7.1: the wait is
    // made longer by no further RST.
    @Test func `an exact RST ends, and data revives`() {
        TrackingTranscript.play(
            Self.handshake + """
                < R seq 1                   = refresh tcpTransitory
                < R seq 1                   = pass tcpTransitory
                > PA seq 1 ack 1 len 5      = refresh tcpEstablished
                > RA seq 6 ack 1            = refresh tcpTransitory
                """)
    }

    // RFC 9293 §3.6.1 MAY-2: the client begins anew.
    @Test func `a SYN after both FINs or an RST begins a new connection`() {
        TrackingTranscript.play(
            Self.handshake + """
                > FA seq 1 ack 1            = refresh tcpClientClosing
                < FA seq 1 ack 2            = refresh tcpClosing
                > A seq 2 ack 2             = refresh tcpClosing
                > S seq 90000               = reopen tcpOpening
                < SA seq 70000 ack 90001    = refresh tcpEstablished
                > A seq 90001 ack 70001     = refresh tcpEstablished
                > R seq 90001               = refresh tcpTransitory
                > S seq 5                   = reopen tcpOpening
                < SA seq 3 ack 6            = refresh tcpEstablished
                """)
    }
}
