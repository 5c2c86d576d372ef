// A packet from a node, read and checked before anything is concluded from it.

import Wire

/// What a packet from the cluster says, in values.
struct Received: Sendable {
    var header: OverlayHeader
    /// From the start of the datagram.
    var innerOffset: Int
    var summary: PacketSummary
    var ipProtocol: IPProtocol
    var source: IPAddress
    var destination: IPAddress
    var sourcePort: Port
    var destinationPort: Port
    /// In its payload.
    var marker: Marker?
    /// From the marker, or the TCP timestamp.
    var number: UInt32?
    /// Which of the packets that its sender sent in this flow.
    var serial: UInt16 = 0
    var tcp = TCPSegment()
    /// Of the packet inside an ICMP error.
    var embedded: FlowTuple?

    /// The tuple of the client that an inbound packet is for, as its own packets have it: that of
    /// the packet inside, for an ICMP error.
    var clientKey: TupleKey {
        if let embedded {
            return TupleKey(
                embedded.ipProtocol, header.vni, source: embedded.source,
                sourcePort: embedded.sourcePort, destination: embedded.destination,
                destinationPort: embedded.destinationPort)
        }
        return TupleKey(
            ipProtocol, header.vni, source: destination, sourcePort: destinationPort,
            destination: source, destinationPort: sourcePort)
    }

    /// The tuple as the packet has it.
    func key(_ vni: VNI) -> TupleKey {
        TupleKey(
            ipProtocol, vni, source: source, sourcePort: sourcePort, destination: destination,
            destinationPort: destinationPort)
    }
}

/// The numbers of a TCP segment.
struct TCPSegment: Sendable, BitwiseCopyable {
    var flags: TCPFlags = []
    var sequence: UInt32 = 0
    var acknowledgment: UInt32 = 0
    var payloadBytes = 0
}

/// Why a packet from the cluster can't be read.
enum ReadingError: Error {
    case malformed
    case badChecksum
    /// A fragment, or a protocol that no flow has.
    case unexpected
}

extension Received {
    /// Reads a datagram that a node sent, and checks every checksum in it.
    init(_ bytes: RawSpan) throws(ReadingError) {
        let inner: RawSpan
        do throws(OverlayError) {
            let parsed = try OverlayHeader.parse(bytes)
            header = parsed.header
            innerOffset = parsed.innerOffset
            inner = bytes.extracting(parsed.innerOffset..<bytes.byteCount)
        } catch { throw .malformed }
        do throws(PacketError) {
            summary = try PacketSummary.parse(inner)
        } catch {
            throw error == .badIPChecksum ? .badChecksum : .malformed
        }
        guard summary.kind != .fragment, summary.kind != .other else { throw .unexpected }
        ipProtocol = summary.tuple.ipProtocol
        source = summary.tuple.source
        destination = summary.tuple.destination
        sourcePort = summary.tuple.sourcePort
        destinationPort = summary.tuple.destinationPort
        guard Self.checksumIsGood(inner, summary) else { throw .badChecksum }
        readPayload(inner)
    }

    private mutating func readPayload(_ inner: RawSpan) {
        let payload = inner.extracting(summary.payloadOffset..<summary.totalBytes)
        if summary.kind == .tcp {
            let start = summary.transportOffset
            tcp.flags = summary.tcpFlags
            tcp.sequence = inner.bigEndianUInt32(at: start + 4)
            tcp.acknowledgment = inner.bigEndianUInt32(at: start + 8)
            tcp.payloadBytes = payload.byteCount
            if let names = TCPOptionBlock.names(
                in: inner.extracting(start + 20..<summary.payloadOffset))
            {
                number = names.number
                serial = names.serial
            }
        }
        guard summary.kind != .icmpError else {
            embedded = try? summary.embeddedTuple(of: inner)
            return
        }
        marker = Marker(payload)
        number = marker?.number ?? number
        if summary.kind != .tcp { serial = marker?.sequence ?? 0 }
    }

    /// The transport checksum over the whole packet. Every packet of ours carries one, so a UDP
    /// checksum of zero is wrong here too.
    private static func checksumIsGood(
        _ inner: RawSpan, _ summary: PacketSummary
    ) -> Bool {
        let transport = inner.extracting(summary.transportOffset..<summary.totalBytes)
        if summary.kind == .udp, transport.bigEndianUInt16(at: 6) == 0 { return false }
        let pseudo =
            summary.tuple.ipProtocol == .icmp
            ? 0
            : InternetChecksum.pseudoHeader(
                source: summary.tuple.source, destination: summary.tuple.destination,
                ipProtocol: summary.tuple.ipProtocol, length: transport.byteCount)
        return InternetChecksum.folded(InternetChecksum.sum(transport, initial: pseudo)) == 0xFFFF
    }
}
