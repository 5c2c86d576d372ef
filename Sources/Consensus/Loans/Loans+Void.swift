// A bucket that began anew knows of none of the loans that it gave before: its ports are given again
// after a rest, and answers on those that it had lent don't find the borrower. So a flow on such a loan
// is over, at all copies of its bucket alike, by the view's word and not by an entry's. DESIGN part 5,
// rules 16, 17 and 19.

import Tables
public import Wire

extension Loans {
    /// The view is active in which buckets of the group began when these ballots say. What was borrowed
    /// of a bucket before it began is void.
    public mutating func setBeginnings(group: UInt64, _ ballots: [Ballot]) {
        guard let first = chain(group, BucketIndex(0)) else { return }
        var isNews = false
        for (bucket, ballot) in ballots.enumerated() where beginnings[first + bucket] < ballot {
            beginnings[first + bucket] = ballot
            isNews = true
        }
        guard isNews, held.count > 0 else { return }
        for chain in first..<first + settings.bucketCount {
            var next = heldOf.first(chain)
            while let slot = next {
                next = heldOf.next(slot)
                if isVoid(held[slot].id, lender: held[slot].port.toward.bucket) {
                    voids.append(held[slot].port)
                }
            }
        }
    }

    /// Whether a loan was drawn before its lender's bucket began: an id names the view of its borrower,
    /// which is of the same group.
    func isVoid(_ id: LoanID, lender: BucketIndex) -> Bool {
        chain(id.group, lender).map { id.ballot < beginnings[$0] } ?? false
    }
}
