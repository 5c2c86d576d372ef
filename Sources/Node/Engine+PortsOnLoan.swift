// What the engine's loans and channels count, as plain values. This is the one place outside of the
// turn that knows where the engine keeps them.

import Configuration
import Consensus
import Translation
import Wire

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
    /// Requests that nobody answered, grants that came too late, loans whose lender was lost, and
    /// messages for whom they don't concern.
    public var unanswered: UInt64 = 0
    public var stray: UInt64 = 0
    public var lost: UInt64 = 0
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
        left.lost += right.lost
        left.misdirected += right.misdirected
    }
}

/// Batches between one engine and its peers, since its start.
public struct BatchReport: Sendable {
    public var sent: UInt64 = 0
    public var resent: UInt64 = 0
    public var taken: UInt64 = 0
    public var acknowledgements: UInt64 = 0
    public var greetings: UInt64 = 0
    public var messages: UInt64 = 0
    /// Messages that a full channel refused.
    public var messagesRefused: UInt64 = 0
    public var restarts: UInt64 = 0
    public var channels: UInt64 = 0
    /// In the order of `refusalNames`.
    public var refused = [UInt64](repeating: 0, count: BatchRefusal.all.count)

    public init() {}

    public static let refusalNames = BatchRefusal.all.map(\.description)

    /// Adds another engine's, for reports.
    public static func += (left: inout Self, right: Self) {
        left.sent += right.sent
        left.resent += right.resent
        left.taken += right.taken
        left.acknowledgements += right.acknowledgements
        left.greetings += right.greetings
        left.messages += right.messages
        left.messagesRefused += right.messagesRefused
        left.restarts += right.restarts
        left.channels += right.channels
        for index in left.refused.indices { left.refused[index] += right.refused[index] }
    }

    fileprivate mutating func add(_ counters: ChannelCounters, _ reasons: [BatchRefusal]) {
        sent += counters.batchesSent
        resent += counters.batchesResent
        taken += counters.batchesTaken
        acknowledgements += counters.acknowledgementsAlone
        greetings += counters.greetingsSent
        messages += counters.messagesSent
        messagesRefused += counters.channelFull
        restarts += counters.restarts
        for (index, reason) in reasons.enumerated() {
            refused[index] += counters.refused(reason)
        }
    }
}

extension Engine {
    public func loanReport() -> LoanReport {
        let counters = exchange.loans.counters
        var report = LoanReport()
        for (index, distance) in LoanDistance.allCases.enumerated() {
            report.asked[index] = counters.asked(distance)
            report.taken[index] = counters.taken(distance)
            report.held[index] = counters.holding(distance)
        }
        for (index, reason) in LoanRefusal.allCases.enumerated() {
            report.refused[index] = counters.refused(reason)
        }
        report.given = counters.lent
        report.returned = counters.returned
        report.denied = counters.denied
        report.lentNow = UInt64(exchange.loans.lentCount)
        report.reminders = counters.reminders
        report.unanswered = counters.unanswered
        report.stray = counters.strayGrants + counters.newerGrants
        report.lost = counters.lost
        report.misdirected = counters.misdirected
        return report
    }

    /// Linear in the channels.
    public mutating func batchReport() -> BatchReport {
        let reasons = BatchRefusal.all
        var report = BatchReport()
        report.channels = UInt64(exchange.channels.count)
        report.add(exchange.channels.counters, reasons)
        for number in 0..<exchange.channels.count {
            report.add(exchange.channels.with(number) { $0.counters }, reasons)
        }
        return report
    }
}

/// Who has the port that an inbound packet is addressed to, if another bucket has.
struct PortOnLoan {
    /// For people.
    var why: String
    /// The node that the packet is passed on to; nil if it is this one, or nobody's.
    var machine: IPAddress?
}

extension Engine {
    /// DESIGN part 5, rule 17.
    mutating func portOnLoan(_ arrival: Arrival) -> PortOnLoan? {
        let tuple = arrival.summary.tuple
        guard arrival.direction == .inbound, tuple.source.isIPv4,
            translator.resources.resources[arrival.resource].kind == .natGateway
        else { return nil }
        let port = LoanPort(
            tuple.destinationPort, toward: translator.portDestination(of: arrival))
        let said = "port \(tuple.destinationPort.rawValue) of bucket \(arrival.bucket.rawValue)"
        switch exchange.loans.lentState(of: port) {
        case .notLent: return nil
        case .quiet:
            return PortOnLoan(why: "\(said) was on loan, and waits for its quiet time to pass")
        case .lent(let borrower):
            let loan = "\(said) is on loan to bucket \(borrower.bucket.rawValue)"
            switch borrower.route {
            case .here: return PortOnLoan(why: "\(loan), of the same engine")
            case .nobody: return PortOnLoan(why: "\(loan), whose leader is not known")
            case .peer(let peer, let isOwnNode):
                guard let address = address(of: exchange.node(of: peer)) else {
                    return PortOnLoan(why: "\(loan), whose leader left the cluster")
                }
                let place = isOwnNode ? "another engine of this node" : name(of: address)
                return PortOnLoan(
                    why: "\(loan), led by \(place): it is passed on there", machine: address)
            }
        }
    }

    private func name(of address: IPAddress) -> String {
        let nodes = translator.resources.snapshot.nodes
        return nodes.first { $0.address == address }?.name ?? "\(address)"
    }
}
