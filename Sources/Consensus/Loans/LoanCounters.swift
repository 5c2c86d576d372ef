// What loans did, each in its own counter; loans between two nodes apart.

/// How far a lender is from a borrower.
public enum LoanDistance: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case sameEngine
    case sameNode
    case otherNode

    init?(_ route: LoanRoute) {
        switch route {
        case .nobody: return nil
        case .here: self = .sameEngine
        case .peer(_, let isOwnNode): self = isOwnNode ? .sameNode : .otherNode
        }
    }
}

/// Counters of one engine's loans. They only rise.
public struct LoanCounters: Hashable, Sendable {
    var asked = [UInt64](repeating: 0, count: LoanDistance.allCases.count)
    var taken = [UInt64](repeating: 0, count: LoanDistance.allCases.count)
    var refusals = [UInt64](repeating: 0, count: LoanRefusal.allCases.count)

    /// Loans given, and given back.
    public internal(set) var lent: UInt64 = 0
    public internal(set) var returned: UInt64 = 0
    public internal(set) var denied: UInt64 = 0
    public internal(set) var closedSent: UInt64 = 0
    public internal(set) var reminders: UInt64 = 0
    /// Requests that no answer came to in time.
    public internal(set) var unanswered: UInt64 = 0
    /// Grants of ids that nobody waits for: to be answered with "closed", once that is confirmed.
    public internal(set) var strayGrants: UInt64 = 0
    /// Grants drawn in a later reign than this leader's: not answered.
    public internal(set) var newerGrants: UInt64 = 0
    /// Messages for a bucket that this engine doesn't lead, or that contradict what was asked.
    public internal(set) var misdirected: UInt64 = 0

    /// Requests, by where the lender is.
    public func asked(_ distance: LoanDistance) -> UInt64 { asked[Int(distance.rawValue)] }
    /// Loans taken, by where the lender is.
    public func taken(_ distance: LoanDistance) -> UInt64 { taken[Int(distance.rawValue)] }
    public func refused(_ reason: LoanRefusal) -> UInt64 { refusals[Int(reason.rawValue)] }
}
