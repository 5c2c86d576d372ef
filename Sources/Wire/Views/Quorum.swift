// How many copies a decision has, and how many members a view change needs.

/// The numbers of a group of `members`.
public struct Quorum: Hashable, Sendable, BitwiseCopyable {
    /// k, the configuration's members.
    public let members: Int
    /// R, the copies of a decision.
    public let copies: Int
    /// Q: promises that a view change needs, and installs that make a view active. Any Q members
    /// meet any R, and any other Q.
    public package(set) var promises: Int

    /// R is 3 of 5, 2 of 4, 3 and 2, 1 of 1, unless it is stated; never more than a majority.
    public init(members: Int, copies: Int? = nil) {
        precondition(members > 0 && members <= View.mostSeats)
        self.members = members
        let standard = members >= 5 ? 3 : min(members, 2)
        self.copies = min(copies ?? standard, members / 2 + 1)
        promises = max(members / 2 + 1, members - self.copies + 1)
        precondition(self.copies >= 1 && self.copies <= promises, "any R meet any Q")
    }
}
