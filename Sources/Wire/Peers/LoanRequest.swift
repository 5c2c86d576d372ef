// "Lend me a port": a bucket's leader without a free port asks another bucket's leader. DESIGN
// part 5, rule 17.
//
//    0  id           44    see LoanID
//   44  destination  48    see LoanDestination

/// The borrower asks; the lender answers with a loan or with "none".
public struct LoanRequest: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = LoanID.byteCount + LoanDestination.byteCount

    public var id: LoanID
    public var destination: LoanDestination

    public init(id: LoanID, destination: LoanDestination) {
        self.id = id
        self.destination = destination
    }

    static func parse(
        _ bytes: RawSpan, at offset: Int, length: Int
    ) throws(PeerMessageError) -> LoanRequest {
        guard length >= byteCount else { throw .badLength }
        return LoanRequest(
            id: try LoanID.parse(bytes, at: offset),
            destination: try LoanDestination.parse(bytes, at: offset + LoanID.byteCount))
    }

    func write(to bytes: inout MutableRawSpan, at offset: Int) {
        id.write(to: &bytes, at: offset)
        destination.write(to: &bytes, at: offset + LoanID.byteCount)
    }
}
