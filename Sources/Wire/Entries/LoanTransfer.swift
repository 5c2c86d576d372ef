// "This port of the bucket is lent", for a follower that has not got the bucket yet: a loan as it stands
// at the leader. What is about to be lent, or to be given back, has an entry in the stream.
//
//    grant   see LoanGrant; in the flags, bit 0: it was given back, and the port rests

/// A loan as state transfer tells it.
public struct LoanTransfer: Hashable, Sendable, BitwiseCopyable {
    public var grant: LoanGrant
    /// The borrower has given it back, and the port's quiet time isn't over.
    public var isQuiet: Bool

    public init(grant: LoanGrant, isQuiet: Bool) {
        self.grant = grant
        self.isQuiet = isQuiet
    }

    init(_ grant: LoanGrant, flags: UInt8) {
        self.init(grant: grant, isQuiet: flags & 1 == 1)
    }

    var flags: UInt8 { isQuiet ? 1 : 0 }
}
