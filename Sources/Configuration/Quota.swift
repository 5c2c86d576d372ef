// What a tenant, or one resource, may use at most. The node that leads a bucket holds it to the
// bucket's share.

/// Limits; 0 is none.
public struct Quota: Hashable, Sendable, BitwiseCopyable {
    /// Flows at one time.
    public var flows: UInt64
    public var newFlowsPerSecond: UInt64
    /// In both directions together, counted as they come in.
    public var packetsPerSecond: UInt64
    /// Of inner packets, in both directions together.
    public var bitsPerSecond: UInt64

    public init(
        flows: UInt64 = 0, newFlowsPerSecond: UInt64 = 0, packetsPerSecond: UInt64 = 0,
        bitsPerSecond: UInt64 = 0
    ) {
        self.flows = flows
        self.newFlowsPerSecond = newFlowsPerSecond
        self.packetsPerSecond = packetsPerSecond
        self.bitsPerSecond = bitsPerSecond
    }

    public static var unlimited: Quota { Quota() }

    /// The size of a capacity unit: bandwidth is sold in steps of 5 Gbit/s.
    public static var bitsPerSecondOfUnit: UInt64 { 5_000_000_000 }
}
