// "I don't have this loan": the borrower's flow on it has ended, or there never was one. Only this
// ends a loan. DESIGN part 5, rule 17.
//
//    0  id              44    see LoanID
//   44  use              1    see LoanUse
//   45  reserved, zero   3

/// What a loan that is given back was used for.
public enum LoanUse: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// A flow may have been on it: its port needs a quiet time.
    case used = 1
    /// Whoever drew the id took no flow on it and never will: no packet left by it.
    case unused = 2
}

/// The borrower ends a loan.
public struct LoanClosed: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = LoanID.byteCount + 4

    public var id: LoanID
    public var use: LoanUse

    public init(id: LoanID, use: LoanUse) {
        self.id = id
        self.use = use
    }

    static func parse(
        _ bytes: RawSpan, at offset: Int, length: Int
    ) throws(PeerMessageError) -> LoanClosed {
        guard length >= byteCount else { throw .badLength }
        guard let use = LoanUse(rawValue: bytes.uint8(at: offset + 44)) else { throw .badValue }
        return LoanClosed(id: try LoanID.parse(bytes, at: offset), use: use)
    }

    func write(to bytes: inout MutableRawSpan, at offset: Int) {
        id.write(to: &bytes, at: offset)
        bytes.store(use.rawValue, at: offset + 44)
        for index in 45..<48 { bytes.store(0 as UInt8, at: offset + index) }
    }
}
