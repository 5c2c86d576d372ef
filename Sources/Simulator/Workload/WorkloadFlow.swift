// A flow as its client knows it, which is the truth that the checkers hold the cluster against.

import Wire

/// One flow of the workload. It may live several times, with the same addresses.
struct WorkloadFlow: Sendable {
    let service: Int
    /// The instance that it belongs to.
    let client: Int
    /// As the client sends.
    let tuple: FlowTuple
    let bucket: BucketIndex
    let listener: UInt16
    var life = 0
    var step = FlowStep.over
    /// Packets, or segments of data, yet to be sent.
    var left = 0
    /// Number of its timer: of events, only that one's counts.
    var timer: UInt32 = 0
    var tries = 0
    /// TCP: the next number to send, and the next that is expected.
    var next: UInt32 = 0
    var expected: UInt32 = 0
    /// Of the last request.
    var number: UInt32 = 0
    /// Of the last request that was answered.
    var answered: UInt32 = 0
    /// A packet of it was answered in this life: from then on an answer can be demanded.
    var isEstablished = false

    var isOver: Bool { step == .over }
}

/// Where a client stands with its flow.
enum FlowStep: UInt8, Sendable, BitwiseCopyable {
    case over
    /// UDP, ICMP: sends and listens.
    case asking
    /// TCP.
    case opening, open, closing
}

/// A flow's address, as its client's network knows it: tenants have the same addresses inside.
struct FlowPlace: Hashable, Sendable {
    var vni: VNI
    var tuple: FlowTuple
}
