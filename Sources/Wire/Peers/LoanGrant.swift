// "This port is yours": sent when the lender has committed the loan, and again, seldom, while it
// stands. DESIGN part 5, rule 17.
//
//    0  id              44    see LoanID
//   44  destination     48    see LoanDestination
//   92  port             2
//   94  reserved, zero   2

/// The lender's answer, which the borrower's leader takes or closes.
public struct LoanGrant: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = LoanID.byteCount + LoanDestination.byteCount + 4

    public var id: LoanID
    public var destination: LoanDestination
    public var port: Port

    public init(id: LoanID, destination: LoanDestination, port: Port) {
        self.id = id
        self.destination = destination
        self.port = port
    }

    static func parse(
        _ bytes: RawSpan, at offset: Int, length: Int
    ) throws(PeerMessageError) -> LoanGrant {
        guard length >= byteCount else { throw .badLength }
        return LoanGrant(
            id: try LoanID.parse(bytes, at: offset),
            destination: try LoanDestination.parse(bytes, at: offset + LoanID.byteCount),
            port: Port(bytes.bigEndianUInt16(at: offset + 92)))
    }

    func write(to bytes: inout MutableRawSpan, at offset: Int) {
        id.write(to: &bytes, at: offset)
        destination.write(to: &bytes, at: offset + LoanID.byteCount)
        bytes.store(bigEndian: port.rawValue, at: offset + 92)
        bytes.store(bigEndian: 0 as UInt16, at: offset + 94)
    }
}
