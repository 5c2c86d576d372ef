// Where an engine stands in its groups, as plain values for reports.

import Configuration
import Consensus
import Tables
import Translation
public import Wire

/// One engine's part in its groups.
public struct ConsensusReport: Sendable, Equatable {
    /// Groups that the node is a member of, by the snapshot.
    public var groups: UInt64 = 0
    /// Buckets of this engine, over all groups: led; copies that are full; copies that are being
    /// filled; and, of the node's first engine, those that wait for a full member.
    public var led: UInt64 = 0
    public var followed: UInt64 = 0
    public var filling: UInt64 = 0
    public var waiting: UInt64 = 0
    /// Whether a bucket would, or may, be left without a full copy if the node stopped now.
    public var isNeeded = false
    /// Groups that run by a view now; views since the start: installed, and of those seen active.
    public var views: UInt64 = 0
    public var viewsInstalled: UInt64 = 0
    public var viewsActive: UInt64 = 0
    /// Groups that the node has a lease of now, and packets dropped for want of one.
    public var leasesHeld: UInt64 = 0
    public var leasesMissed: UInt64 = 0
    /// Entries since the start: committed here as leader, stored and acknowledged as follower, sent
    /// to followers again; and those of both that are not known to be committed now.
    public var commits: UInt64 = 0
    public var stored: UInt64 = 0
    public var sentAgain: UInt64 = 0
    public var uncommitted: UInt64 = 0
    /// Records sent to fill copies.
    public var recordsSent: UInt64 = 0
    public var handOvers: UInt64 = 0
    /// Full copies that were full no more, because their tables could not take a record.
    public var copiesLost: UInt64 = 0
    /// In views that this node built: groups that began a new generation, and buckets that began anew,
    /// because all copies were lost.
    public var generationsOpened: UInt64 = 0
    public var bucketsBegun: UInt64 = 0

    public init() {}

    /// Views that took the place of another, since the start: a group's first did not.
    public var viewChanges: UInt64 { viewsInstalled - min(views, viewsInstalled) }

    /// Adds another engine's. Groups and views are the node's: they are not added up.
    public static func += (left: inout Self, right: Self) {
        left.groups = max(left.groups, right.groups)
        left.led += right.led
        left.followed += right.followed
        left.filling += right.filling
        left.waiting += right.waiting
        left.isNeeded = left.isNeeded || right.isNeeded
        left.views = max(left.views, right.views)
        left.viewsInstalled = max(left.viewsInstalled, right.viewsInstalled)
        left.viewsActive = max(left.viewsActive, right.viewsActive)
        left.leasesHeld = max(left.leasesHeld, right.leasesHeld)
        left.leasesMissed += right.leasesMissed
        left.commits += right.commits
        left.uncommitted += right.uncommitted
        left.stored += right.stored
        left.sentAgain += right.sentAgain
        left.recordsSent += right.recordsSent
        left.handOvers += right.handOvers
        left.copiesLost += right.copiesLost
        left.generationsOpened = max(left.generationsOpened, right.generationsOpened)
        left.bucketsBegun = max(left.bucketsBegun, right.bucketsBegun)
    }
}

extension Engine {
    /// Linear in the groups, and in the buckets that the engine keeps.
    public func consensusReport(at now: Tick) -> ConsensusReport {
        let replica = exchange.replica.counters
        let standing = standing
        var report = ConsensusReport()
        report.led = UInt64(standing.leads)
        report.followed = UInt64(standing.follows - standing.filling)
        report.filling = UInt64(standing.filling)
        report.leasesMissed = counters.drops[Int(DropReason(.leaseEnded).rawValue)]
        report.commits = replica.entriesCommitted
        report.stored = replica.entriesStored
        report.sentAgain = replica.entriesSentAgain
        report.uncommitted = UInt64(exchange.replica.uncommittedCount)
        report.recordsSent = replica.recordsSent
        report.handOvers = replica.handOvers
        report.copiesLost = replica.copiesLost
        addNode(to: &report, at: now)
        return report
    }

    /// What the node's first engine knows of the whole node.
    private func addNode(to report: inout ConsensusReport, at now: Tick) {
        switch exchange.member {
        case .some(let member):
            report.isNeeded = member.isNeeded
            report.viewsInstalled = member.counters.viewsInstalled
            report.viewsActive = member.counters.viewsActive
            report.generationsOpened = member.counters.generationsOpened
            report.bucketsBegun = member.counters.bucketsBegun
            for group in translator.resources.snapshot.groups {
                guard let summary = member.summary(of: group.id) else { continue }
                report.groups += 1
                report.waiting += UInt64(summary.waitingBuckets)
                if summary.installed != .none { report.views += 1 }
                if let end = exchange.leases.end(of: group.id), end > now {
                    report.leasesHeld += 1
                }
            }
        case .none: break
        }
    }
}
