// What the loans of an engine count, as plain values for reports.

import Consensus

/// Loans of one engine, since its start.
public struct LoanReport: Sendable {
    /// Where a lender is, seen from the borrower.
    public enum Lender: Int, Sendable, CaseIterable { case sameEngine, sameNode, otherNode }

    /// Ports that were asked for, that were taken, and those held now, by `Lender`.
    public var asked = [UInt64](repeating: 0, count: Lender.allCases.count)
    public var taken = [UInt64](repeating: 0, count: Lender.allCases.count)
    public var held = [UInt64](repeating: 0, count: Lender.allCases.count)
    /// Flows that got no loan, in the order of `refusalNames`.
    public var refused = [UInt64](repeating: 0, count: LoanRefusal.allCases.count)

    /// As lender: ports given, given back, and not given.
    public var given: UInt64 = 0
    public var returned: UInt64 = 0
    public var denied: UInt64 = 0
    /// Ports that are lent now, those in their quiet time too.
    public var lentNow: UInt64 = 0
    public var reminders: UInt64 = 0
    /// Requests that nobody answered, grants that came too late, and messages for whom they don't
    /// concern.
    public var unanswered: UInt64 = 0
    public var stray: UInt64 = 0
    public var misdirected: UInt64 = 0

    public init() {}

    public static let refusalNames = LoanRefusal.allCases.map { "\($0)" }

    /// Adds another engine's, for reports.
    public static func += (left: inout Self, right: Self) {
        for index in left.asked.indices {
            left.asked[index] += right.asked[index]
            left.taken[index] += right.taken[index]
            left.held[index] += right.held[index]
        }
        for index in left.refused.indices { left.refused[index] += right.refused[index] }
        left.given += right.given
        left.returned += right.returned
        left.denied += right.denied
        left.lentNow += right.lentNow
        left.reminders += right.reminders
        left.unanswered += right.unanswered
        left.stray += right.stray
        left.misdirected += right.misdirected
    }
}

extension Engine {
    public func loanReport() -> LoanReport {
        let counters = exchange.loans.counters
        var report = LoanReport()
        for (index, distance) in LoanDistance.allCases.enumerated() {
            report.asked[index] = counters.asked(distance)
            report.taken[index] = counters.taken(distance)
            report.held[index] = UInt64(exchange.loans.holding(distance))
        }
        for (index, reason) in LoanRefusal.allCases.enumerated() {
            report.refused[index] = counters.refused(reason)
        }
        report.given = counters.lent
        report.returned = counters.returned
        report.denied = counters.denied
        report.lentNow = UInt64(exchange.loans.lendingCount)
        report.reminders = counters.reminders
        report.unanswered = counters.unanswered
        report.stray = counters.strayGrants + counters.newerGrants
        report.misdirected = counters.misdirected
        return report
    }
}
