// What the channels of an engine count, as plain values for reports.

import Consensus

/// Batches between one engine and its peers, since its start.
public struct BatchReport: Sendable {
    public var sent: UInt64 = 0
    public var resent: UInt64 = 0
    public var taken: UInt64 = 0
    public var acknowledgements: UInt64 = 0
    public var greetings: UInt64 = 0
    public var messages: UInt64 = 0
    public var compressed: UInt64 = 0
    /// By which they got shorter.
    public var bytesSpared: UInt64 = 0
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
        left.compressed += right.compressed
        left.bytesSpared += right.bytesSpared
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
        compressed += counters.batchesCompressed
        bytesSpared += counters.bytesSpared
        messagesRefused += counters.channelFull
        restarts += counters.restarts
        for (index, reason) in reasons.enumerated() {
            refused[index] += counters.refused(reason)
        }
    }
}

extension Engine {
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
