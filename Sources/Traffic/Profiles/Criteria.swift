// What a run must show to be called a success.

/// Limits that a report is held against. A run passes if it exceeds none.
///
/// Broken, misdelivered and twice translated flows, changed targets and translations, and bad
/// checksums have no limit to set: one is too many.
public struct Criteria: Hashable, Sendable {
    /// Flows refused, of those attempted.
    public var maximumRefusedFraction = 0.0
    /// Packets lost on the way, of those sent.
    public var maximumLossFraction = 0.001
    public var maximumOutageMilliseconds: Double?
    public var maximumSetupP99Microseconds: Double?
    /// Views that change and buckets that are handed over while the run goes on.
    public var maximumViewChanges: Int?
    /// Of the new flows that were asked for in a second, how many must have been begun. A run that
    /// falls behind says less about the cluster than about the generator's machine.
    public var minimumRateFraction = 0.5

    public init() {}
}
