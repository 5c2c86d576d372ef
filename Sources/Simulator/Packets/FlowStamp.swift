// By what the checkers know a packet again, however it was translated: the flow that it was sent
// for. Data carries a stamp; TCP's numbers carry the flow too, for segments without data: each
// side's numbers begin with the flow's number in their upper half.

import Wire

/// What a packet's data says of itself.
struct FlowStamp: Hashable, Sendable, BitwiseCopyable {
    static let byteCount = 24
    private static let magic: UInt32 = 0x4850_534D

    var flow: Int
    /// Of the request that this is, or that it answers.
    var number: UInt32
    var isReply: Bool
    var sentAt: Moment

    func write(to bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(bigEndian: Self.magic, at: offset)
        bytes.store(bigEndian: UInt32(flow), at: offset + 4)
        bytes.store(bigEndian: number, at: offset + 8)
        bytes.store(bigEndian: isReply ? 1 as UInt32 : 0, at: offset + 12)
        bytes.store(bigEndian: sentAt.nanoseconds, at: offset + 16)
    }

    /// Nil if there is none.
    static func parse(_ bytes: RawSpan, at offset: Int) -> FlowStamp? {
        guard bytes.byteCount - offset >= byteCount,
            bytes.bigEndianUInt32(at: offset) == magic
        else { return nil }
        return FlowStamp(
            flow: Int(bytes.bigEndianUInt32(at: offset + 4)),
            number: bytes.bigEndianUInt32(at: offset + 8),
            isReply: bytes.bigEndianUInt32(at: offset + 12) == 1,
            sentAt: Moment(nanoseconds: bytes.bigEndianUInt64(at: offset + 16)))
    }
}

/// TCP numbers that tell the flow.
enum FlowNumbers {
    /// Where a side's numbers begin: each life of the flow beyond those of the one before.
    static func start(flow: Int, life: Int) -> UInt32 {
        UInt32(flow) << 16 | UInt32(life & 15) << 12
    }

    static func flow(of number: UInt32) -> Int { Int(number >> 16) }
}
