// How far a flow has come, as its leader tells it: in ages, for two nodes' clocks have nothing in
// common.
//
//    state                            1
//    idle age, in centiseconds        4
//    packets outbound, inbound        6 each
//    bytes outbound, inbound          8 each

/// State, age and counters of a flow.
public struct FlowProgress: Hashable, Sendable, BitwiseCopyable {
    static let byteCount = 33
    /// Packets are counted in 48 bits.
    static let packetLimit: UInt64 = 1 << 48

    public var state: FlowState
    /// Since a packet last refreshed the flow; of a quiet one, since its end. Hundredths of a second.
    public var idleCentiseconds: UInt32
    public var outboundPackets: UInt64
    public var inboundPackets: UInt64
    public var outboundBytes: UInt64
    public var inboundBytes: UInt64

    public init(
        state: FlowState, idleCentiseconds: UInt32, outboundPackets: UInt64,
        inboundPackets: UInt64, outboundBytes: UInt64, inboundBytes: UInt64
    ) {
        self.state = state
        self.idleCentiseconds = idleCentiseconds
        self.outboundPackets = outboundPackets & (Self.packetLimit - 1)
        self.inboundPackets = inboundPackets & (Self.packetLimit - 1)
        self.outboundBytes = outboundBytes
        self.inboundBytes = inboundBytes
    }

    init(_ bytes: RawSpan, _ offset: inout Int) throws(FlowEntryError) {
        guard let state = FlowState(rawValue: bytes.nextUInt8(&offset)) else { throw .badValue }
        self.state = state
        idleCentiseconds = bytes.nextUInt32(&offset)
        outboundPackets = bytes.nextUInt48(&offset)
        inboundPackets = bytes.nextUInt48(&offset)
        outboundBytes = bytes.nextUInt64(&offset)
        inboundBytes = bytes.nextUInt64(&offset)
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        bytes.put(state.rawValue, &offset)
        bytes.put(idleCentiseconds, &offset)
        bytes.put48(outboundPackets, &offset)
        bytes.put48(inboundPackets, &offset)
        bytes.put(outboundBytes, &offset)
        bytes.put(inboundBytes, &offset)
    }
}

/// A whole record, for a follower that has not got the bucket yet.
//
//    creation           see FlowCreation
//    progress           33
//    age of the flow     4    in centiseconds
public struct FlowTransfer: Hashable, Sendable, BitwiseCopyable {
    static let stateBytes = FlowProgress.byteCount + 4

    public var creation: FlowCreation
    public var progress: FlowProgress
    /// Since its creation.
    public var ageCentiseconds: UInt32

    public init(creation: FlowCreation, progress: FlowProgress, ageCentiseconds: UInt32) {
        self.creation = creation
        self.progress = progress
        self.ageCentiseconds = ageCentiseconds
    }

    init(
        _ flags: FlowEntryFlags, _ bytes: RawSpan, _ offset: inout Int
    ) throws(FlowEntryError) {
        creation = try FlowCreation(flags, bytes, &offset)
        progress = try FlowProgress(bytes, &offset)
        ageCentiseconds = bytes.nextUInt32(&offset)
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        creation.write(to: &bytes, &offset)
        progress.write(to: &bytes, &offset)
        bytes.put(ageCentiseconds, &offset)
    }
}

/// How a flow that is known has gone on.
//
//    name               see FlowName
//    progress           33
public struct FlowTouch: Hashable, Sendable, BitwiseCopyable {
    static let stateBytes = FlowProgress.byteCount

    public var name: FlowName
    public var progress: FlowProgress

    public init(name: FlowName, progress: FlowProgress) {
        self.name = name
        self.progress = progress
    }

    var flags: FlowEntryFlags { name.flags }

    init(
        _ flags: FlowEntryFlags, _ bytes: RawSpan, _ offset: inout Int
    ) throws(FlowEntryError) {
        name = try FlowName(flags, bytes, &offset)
        progress = try FlowProgress(bytes, &offset)
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        name.write(to: &bytes, &offset)
        progress.write(to: &bytes, &offset)
    }
}

extension RawSpan {
    fileprivate func nextUInt48(_ offset: inout Int) -> UInt64 {
        let high = UInt64(nextUInt16(&offset))
        return high << 32 | UInt64(nextUInt32(&offset))
    }
}

extension MutableRawSpan {
    fileprivate mutating func put48(_ value: UInt64, _ offset: inout Int) {
        put(UInt16(truncatingIfNeeded: value >> 32), &offset)
        put(UInt32(truncatingIfNeeded: value), &offset)
    }
}
