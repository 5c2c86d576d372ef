// What the generator writes into every payload, so that each packet tells which flow it belongs to.
//
//    0  magic 1 | kind 1 | flow number 4      6
//    6  nonce 4 | sequence 2                  6
//   12  intended sending time 4 | ticket 2    6
//
// 18 bytes: what a UDP or ICMP packet of a 64-byte Ethernet frame has room for.

import Wire

/// The marker at the start of a payload. An answer carries its request's marker with another kind.
struct Marker: Hashable, Sendable, BitwiseCopyable {
    static let byteCount = 18
    private static let magic: UInt8 = 0xB7

    enum Kind: UInt8, Sendable, BitwiseCopyable {
        case request = 1
        case answer = 2
    }

    var kind: Kind
    var number: UInt32
    var nonce: UInt32
    var sequence: UInt16
    /// When the request should have left, in units of 256 ns; it comes round in 1,099 s.
    var time: UInt32
    /// The request's place among its bucket's sendings.
    var ticket: UInt16

    init(
        number: UInt32, nonce: UInt32, sequence: UInt16, intended: Tick, ticket: UInt16
    ) {
        kind = .request
        self.number = number
        self.nonce = nonce
        self.sequence = sequence
        time = UInt32(truncatingIfNeeded: intended.rawValue >> 8)
        self.ticket = ticket
    }

    /// Nil if these bytes are none of ours.
    init?(_ payload: RawSpan) {
        guard payload.byteCount >= Self.byteCount, payload.uint8(at: 0) == Self.magic,
            let kind = Kind(rawValue: payload.uint8(at: 1))
        else { return nil }
        self.kind = kind
        number = payload.bigEndianUInt32(at: 2)
        nonce = payload.bigEndianUInt32(at: 6)
        sequence = payload.bigEndianUInt16(at: 10)
        time = payload.bigEndianUInt32(at: 12)
        ticket = payload.bigEndianUInt16(at: 16)
    }

    func write(to bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(Self.magic, at: offset)
        bytes.store(kind.rawValue, at: offset + 1)
        bytes.store(bigEndian: number, at: offset + 2)
        bytes.store(bigEndian: nonce, at: offset + 6)
        bytes.store(bigEndian: sequence, at: offset + 10)
        bytes.store(bigEndian: time, at: offset + 12)
        bytes.store(bigEndian: ticket, at: offset + 16)
    }

    /// Nanoseconds from the intended sending to `now`, to 256 ns.
    func age(at now: Tick) -> UInt64 {
        let present = UInt32(truncatingIfNeeded: now.rawValue >> 8)
        let units = present &- time
        return units > UInt32.max / 2 ? 0 : UInt64(units) << 8
    }
}
