// The packets that cases send: UDP, TCP, echo, and ICMP errors about any of them.

import Wire

/// A packet that one end, or a router before it, sends to the other.
struct CasePacket: Sendable {
    var from: End
    /// The packet's bytes in a side's view.
    var bytes: @Sendable (PacketView) -> [UInt8]
    /// Of another flow than the case's own: it is steered by that.
    var isStranger = false

    init(from: End, _ bytes: @escaping @Sendable (PacketView) -> [UInt8]) {
        self.from = from
        self.bytes = bytes
    }

    /// The packet with something changed: made wrong, or of another shape.
    func changed(_ change: @escaping @Sendable (inout [UInt8]) -> Void) -> CasePacket {
        var packet = self
        let original = bytes
        packet.bytes = { view in
            var bytes = original(view)
            change(&bytes)
            return bytes
        }
        return packet
    }

    /// The packet with something changed before its checksums are computed.
    func with(_ change: @escaping @Sendable (inout [UInt8]) -> Void) -> CasePacket {
        changed { bytes in
            change(&bytes)
            IPv4Bytes.sealTransport(&bytes)
            IPv4Bytes.sealHeader(&bytes)
        }
    }

    /// The same packet of a flow that nobody began.
    var ofAStranger: CasePacket {
        var packet = self
        let original = bytes
        packet.bytes = { original($0.stranger) }
        packet.isStranger = true
        return packet
    }

    /// Data that is the same in both views, and different for each seed.
    static func data(_ count: Int, _ seed: UInt32) -> [UInt8] {
        var random = SplitMix64(seed: UInt64(seed) << 16 | UInt64(count & 0xFFFF))
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    static func udp(_ from: End, bytes count: Int = 64) -> CasePacket {
        CasePacket(from: from) { view in
            var payload = [UInt8](repeating: 0, count: 8) + data(count, view.sequence)
            payload.put(view.port(of: from).rawValue, at: 0)
            payload.put(view.port(of: from.other).rawValue, at: 2)
            payload.put(UInt16(payload.count), at: 4)
            return packet(.udp, from, view, payload)
        }
    }

    /// An echo request of the client, or the server's reply.
    static func echo(_ from: End, sequence: UInt16 = 1, bytes count: Int = 56) -> CasePacket {
        icmpQuery(
            from, type: from == .client ? ICMPType.echoRequest : ICMPType.echoReply,
            sequence: sequence, bytes: count)
    }

    static func icmpQuery(
        _ from: End, type: UInt8, sequence: UInt16 = 1, bytes count: Int = 56
    ) -> CasePacket {
        CasePacket(from: from) { view in
            var payload = [UInt8](repeating: 0, count: 8) + data(count, view.sequence)
            payload[0] = type
            payload.put(view.clientPort.rawValue, at: 4)
            payload.put(sequence, at: 6)
            return packet(.icmp, from, view, payload)
        }
    }

    static func packet(
        _ ipProtocol: IPProtocol, _ from: End, _ view: PacketView, _ payload: [UInt8]
    ) -> [UInt8] {
        var bytes = IPv4Bytes.packet(
            ipProtocol, from: view.address(of: from), to: view.address(of: from.other), payload)
        IPv4Bytes.sealTransport(&bytes)
        return bytes
    }
}

/// A segment's numbers count from each end's own beginning: SYN is 0, the first byte 1.
struct Segment: Sendable {
    var flags: TCPFlags
    var sequence: Int
    var acknowledgment: Int?
    var bytes = 0
    var window: UInt16 = 65_535
    /// In multiples of four bytes.
    var options: [UInt8] = []
}

extension CasePacket {
    static func tcp(_ from: End, _ segment: Segment) -> CasePacket {
        CasePacket(from: from) { view in
            let header = 20 + segment.options.count
            var payload = [UInt8](repeating: 0, count: 20) + segment.options
            payload += data(segment.bytes, view.sequence &+ UInt32(segment.sequence & 0xFFFF))
            payload.put(view.port(of: from).rawValue, at: 0)
            payload.put(view.port(of: from.other).rawValue, at: 2)
            payload.put(number(segment.sequence, of: from, view), at: 4)
            if let acknowledgment = segment.acknowledgment {
                payload.put(number(acknowledgment, of: from.other, view), at: 8)
            }
            payload[12] = UInt8(header / 4) << 4
            payload[13] = segment.flags.rawValue
            payload.put(segment.window, at: 14)
            return packet(.tcp, from, view, payload)
        }
    }

    /// An offset from an end's initial sequence number, as it stands on the wire.
    private static func number(_ offset: Int, of end: End, _ view: PacketView) -> UInt32 {
        let first = end == .client ? view.sequence : ~view.sequence &- 0x1234_5678
        return first &+ UInt32(truncatingIfNeeded: offset)
    }

    static func tcp(
        _ from: End, _ flags: TCPFlags, _ sequence: Int, ack: Int? = nil, bytes: Int = 0
    ) -> CasePacket {
        tcp(
            from,
            Segment(flags: flags, sequence: sequence, acknowledgment: ack, bytes: bytes))
    }
}
