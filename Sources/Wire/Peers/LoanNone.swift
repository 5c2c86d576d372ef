// "I have none for you": the lender's other answer. It binds nobody, and is true for a moment only.
//
//    0  id              44    see LoanID
//   44  lender's bucket  2
//   46  cause            1    see LoanDenial
//   47  reserved, zero   1

/// Why a lender lends nothing.
public enum LoanDenial: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// Every port of its set is in use toward the destination, or in its quiet time.
    case noPort = 1
    /// It has ports, but no room, or no right, for another loan.
    case noRoom = 2
}

/// The lender refuses a request.
public struct LoanNone: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = LoanID.byteCount + 4

    public var id: LoanID
    public var lender: BucketIndex
    public var cause: LoanDenial

    public init(id: LoanID, lender: BucketIndex, cause: LoanDenial) {
        self.id = id
        self.lender = lender
        self.cause = cause
    }

    static func parse(
        _ bytes: RawSpan, at offset: Int, length: Int
    ) throws(PeerMessageError) -> LoanNone {
        guard length >= byteCount else { throw .badLength }
        guard let cause = LoanDenial(rawValue: bytes.uint8(at: offset + 46)) else {
            throw .badValue
        }
        return LoanNone(
            id: try LoanID.parse(bytes, at: offset),
            lender: BucketIndex(rawValue: bytes.bigEndianUInt16(at: offset + 44)), cause: cause)
    }

    func write(to bytes: inout MutableRawSpan, at offset: Int) {
        id.write(to: &bytes, at: offset)
        bytes.store(bigEndian: lender.rawValue, at: offset + 44)
        bytes.store(cause.rawValue, at: offset + 46)
        bytes.store(0 as UInt8, at: offset + 47)
    }
}
