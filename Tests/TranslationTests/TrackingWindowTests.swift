import Testing
import Translation
import Wire

/// The four bounds of van Rooij, one by one, and all that must pass them.
struct TrackingWindowTests {
    /// Windows of 1,000 both ways, 500 bytes acknowledged each way.
    static let exchange =
        TrackingLifeTests.handshake + """
            > PA seq 1 ack 1 len 500    = refresh tcpEstablished
            < PA seq 1 ack 501 len 500  = refresh tcpEstablished
            > A seq 501 ack 501         = refresh tcpEstablished

            """

    // RFC 9293 §3.10.7.4.
    @Test func `bound I: a segment begins at the far edge of the window at the most`() {
        for (line, verdict) in [
            ("> PA seq 1501 ack 501 len 1", "refresh"),
            ("> PA seq 1502 ack 501 len 1", "tcpOutOfWindow"),
            ("< PA seq 1501 ack 501 len 1", "refresh"),
            ("< PA seq 1502 ack 501 len 1", "tcpOutOfWindow"),
            ("< FA seq 1502 ack 501", "tcpOutOfWindow"),
            ("< PA seq 2147484000 ack 501 len 1", "tcpOutOfWindow"),
        ] {
            TrackingTranscript.play(Self.exchange + "\(line) = \(verdict) tcpEstablished")
        }
    }

    // RFC 9293 §3.10.7.4.
    @Test func `bound II: a segment ends a window behind what was sent at the least`() {
        for (line, verdict) in [
            ("> PA seq -509 ack 501 len 10", "refresh"),
            ("> PA seq -510 ack 501 len 10", "tcpOutOfWindow"),
            ("< PA seq -509 ack 501 len 10", "refresh"),
            ("< PA seq -510 ack 501 len 10", "tcpOutOfWindow"),
        ] {
            TrackingTranscript.play(Self.exchange + "\(line) = \(verdict) tcpEstablished")
        }
    }

    // RFC 9293 §3.10.7.4.
    @Test func `bound III: what was not sent is not acknowledged`() {
        for (line, verdict) in [
            ("> A seq 501 ack 501", "refresh"), ("> A seq 501 ack 502", "tcpOutOfWindow"),
            ("< A seq 501 ack 501", "refresh"), ("< A seq 501 ack 502", "tcpOutOfWindow"),
            ("< A seq 501 ack 2147484000", "tcpOutOfWindow"),
            // RFC 2018 §3: nor by a SACK block.
            ("> A seq 501 ack 400 sack 501", "refresh"),
            ("> A seq 501 ack 400 sack 502", "tcpOutOfWindow"),
        ] {
            TrackingTranscript.play(Self.exchange + "\(line) = \(verdict) tcpEstablished")
        }
    }

    // RFC 9293 §3.10.7.4.
    @Test func `bound IV: an acknowledgment is not older than a window`() {
        for (line, verdict) in [
            ("> A seq 501 ack -65499", "refresh"), ("> A seq 501 ack -65500", "tcpOutOfWindow"),
            ("< A seq 501 ack -65499", "refresh"), ("< A seq 501 ack -65500", "tcpOutOfWindow"),
            ("< PA seq 501 ack -65500 len 9", "tcpOutOfWindow"),
        ] {
            TrackingTranscript.play(Self.exchange + "\(line) = \(verdict) tcpEstablished")
        }
    }

    @Test func `an empty segment is judged by its acknowledgment alone`() {
        TrackingTranscript.play(
            Self.exchange + """
                > A seq 1500 ack 501        = refresh tcpEstablished
                > A seq 900000 ack 501      = refresh tcpEstablished
                > PA seq 501 ack 501 len 10 = refresh tcpEstablished
                < A seq 501 ack 512         = tcpOutOfWindow tcpEstablished
                < A seq 501 ack 511         = refresh tcpEstablished
                """)
    }

    // RFC 9293 §3.8.4: a keepalive repeats the byte before the next, or is empty.
    @Test func `keepalives and their answers pass`() {
        TrackingTranscript.play(
            Self.exchange + """
                > A seq 500 ack 501 len 1   = refresh tcpEstablished
                < A seq 501 ack 501         = refresh tcpEstablished
                < A seq 500 ack 501         = refresh tcpEstablished
                > A seq 501 ack 501         = refresh tcpEstablished
                """)
    }

    // RFC 9293 §3.8.6.1: a closed window is probed, and the byte may be taken.
    @Test func `probes of a closed window pass`() {
        TrackingTranscript.play(
            Self.exchange + """
                > PA seq 501 ack 501 len 1000         = refresh tcpEstablished
                < A seq 501 ack 1501 win 0            = refresh tcpEstablished
                > A seq 1501 ack 501 len 1            = refresh tcpEstablished
                < A seq 501 ack 1501 win 0            = refresh tcpEstablished
                > A seq 1501 ack 501 len 1            = refresh tcpEstablished
                < A seq 501 ack 1502 win 0            = refresh tcpEstablished
                > A seq 1502 ack 501 len 1            = refresh tcpEstablished
                > A seq 1504 ack 501 len 1            = tcpOutOfWindow tcpEstablished
                < A seq 501 ack 1503 win 800          = refresh tcpEstablished
                > PA seq 1503 ack 501 len 800         = refresh tcpEstablished
                """)
        // The probe's byte was the last: the FIN doesn't wait.
        TrackingTranscript.play(
            Self.exchange + """
                > PA seq 501 ack 501 len 1000         = refresh tcpEstablished
                < A seq 501 ack 1501 win 0            = refresh tcpEstablished
                > A seq 1501 ack 501 len 1            = refresh tcpEstablished
                > FA seq 1502 ack 501                 = refresh tcpClientClosing
                """)
    }

    @Test func `retransmissions, reordering and duplicates pass`() {
        TrackingTranscript.play(
            Self.exchange + """
                > PA seq 801 ack 501 len 300          = refresh tcpEstablished
                > PA seq 501 ack 501 len 300          = refresh tcpEstablished
                > PA seq 501 ack 501 len 300          = refresh tcpEstablished
                < A seq 501 ack 501 sack 1101         = refresh tcpEstablished
                > PA seq 501 ack 501 len 600          = refresh tcpEstablished
                < A seq 501 ack 1101                  = refresh tcpEstablished
                < A seq 501 ack 801                   = refresh tcpEstablished
                > PA seq 501 ack 501 len 600          = refresh tcpEstablished
                """)
    }

    @Test func `what began in the window and ends beyond it may be sent again`() {
        TrackingTranscript.play(
            Self.exchange + """
                > PA seq 501 ack 501 len 1000         = refresh tcpEstablished
                > PA seq 1501 ack 501 len 900         = refresh tcpEstablished
                > PA seq 501 ack 501 len 10           = refresh tcpEstablished
                """)
    }

    // RFC 9293 §3.8.6: a receiver should not shrink its window; if it does, what was sent before
    // the sender heard of it is no offence.
    @Test func `a window that shrinks takes nothing back`() {
        TrackingTranscript.play(
            Self.exchange + """
                < A seq 501 ack 501 win 10            = refresh tcpEstablished
                > PA seq 501 ack 501 len 1000         = refresh tcpEstablished
                < A seq 501 ack 1501 win 0            = refresh tcpEstablished
                """)
    }

    // RFC 7323 §2.2, §2.3: both must offer, the shift is 14 at most, a SYN's window isn't scaled.
    @Test func `windows are scaled only if both SYNs say so`() {
        for (client, target, edge) in [
            ("", "", 1000), (" ws 7", "", 1000), ("", " ws 7", 1000), (" ws 0", " ws 7", 128_000),
            (" ws 7", " ws 0", 1000), (" ws 9", " ws 14", 16_384_000),
            (" ws 9", " ws 200", 16_384_000),
        ] {
            TrackingTranscript.play(
                """
                > S seq 0\(client)                        = refresh tcpOpening
                < SA seq 0 ack 1\(target)                 = refresh tcpEstablished
                > PA seq 1001 ack 1 len 1                 = refresh tcpEstablished
                > PA seq 1002 ack 1 len 1                 = tcpOutOfWindow tcpEstablished
                < A seq 1 ack 1                           = refresh tcpEstablished
                > PA seq \(edge + 1) ack 1 len 1          = refresh tcpEstablished
                > PA seq \(edge + 2) ack 1 len 1          = tcpOutOfWindow tcpEstablished
                """)
        }
    }

    @Test func `a SYN sent again without its options doesn't take the offer back`() {
        TrackingTranscript.play(
            """
            > S seq 0 ws 2              = refresh tcpOpening
            > S seq 0                   = refresh tcpOpening
            < SA seq 0 ack 1 ws 3       = refresh tcpEstablished
            < A seq 1 ack 1             = refresh tcpEstablished
            > PA seq 8001 ack 1 len 1   = refresh tcpEstablished
            > PA seq 8002 ack 1 len 1   = tcpOutOfWindow tcpEstablished
            """)
    }

    // A first fragment says how a TCP segment begins and not how it ends.
    @Test func `the end of a segment in fragments is learned from its acknowledgment`() {
        TrackingTranscript.play(
            Self.exchange + """
                > PA seq 501 ack 501 len 100 partial  = refresh tcpEstablished
                < A seq 501 ack 1301                  = refresh tcpEstablished
                > PA seq 1301 ack 501 len 100         = refresh tcpEstablished
                < A seq 501 ack 9001301               = tcpOutOfWindow tcpEstablished
                """)
    }

    @Test func `the tracker fits its room`() {
        #expect(MemoryLayout<TCPTracker>.size <= 32)
        #expect(MemoryLayout<FlowDetails>.stride <= 40)
        #expect(MemoryLayout<TCPNumbers>.size <= 16)
    }
}
