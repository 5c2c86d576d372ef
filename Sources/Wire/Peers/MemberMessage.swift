// What the members of groups tell each other, on the channel of their nodes' first engines: who
// lives, who stands where, promises and views. DESIGN part 5, rules 2-6, 9, 12.

/// Types of such messages; see PeerMessage for how they stand in a batch.
public enum MemberMessageType: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case heartbeat = 16
    case grant = 17
    case reach = 18
    case standing = 19
    case prepare = 20
    case promise = 21
    case install = 22
    case view = 23
    /// Earlier releases skip it.
    case leads = 0x98
}

/// A message between members, whichever it is.
public enum MemberMessage: Hashable, Sendable {
    case heartbeat(Heartbeat)
    case grant(LeaseGrant)
    case reach(ReachNotice)
    case standing(GroupStanding)
    case prepare(Prepare)
    case promise(PromisePart)
    case view(ViewPart)
    case leads(LeadNotice)

    public var type: MemberMessageType {
        switch self {
        case .heartbeat: .heartbeat
        case .grant: .grant
        case .reach: .reach
        case .standing: .standing
        case .prepare: .prepare
        case .promise: .promise
        case .view(let part): part.isInstall ? .install : .view
        case .leads: .leads
        }
    }

    /// Of the body: what type and length precede.
    public var byteCount: Int {
        switch self {
        case .heartbeat: Heartbeat.byteCount
        case .grant: LeaseGrant.byteCount
        case .reach: ReachNotice.byteCount
        case .standing(let message): message.byteCount
        case .prepare: Prepare.byteCount
        case .promise(let message): message.byteCount
        case .view(let message): message.byteCount
        case .leads(let message): message.byteCount
        }
    }

    /// The body at `offset`, which is there in whole. What follows what this release knows is
    /// skipped.
    public static func parse(
        _ type: MemberMessageType, _ bytes: RawSpan, at offset: Int, length: Int
    ) throws(PeerMessageError) -> MemberMessage {
        var reader = FieldReader(bytes, at: offset, length: length)
        return switch type {
        case .heartbeat: .heartbeat(try Heartbeat.parse(&reader))
        case .grant: .grant(try LeaseGrant.parse(&reader))
        case .reach: .reach(try ReachNotice.parse(&reader))
        case .standing: .standing(try GroupStanding.parse(&reader))
        case .prepare: .prepare(try Prepare.parse(&reader))
        case .promise: .promise(try PromisePart.parse(&reader))
        case .install: .view(try ViewPart.parse(&reader, isInstall: true))
        case .view: .view(try ViewPart.parse(&reader, isInstall: false))
        case .leads: .leads(try LeadNotice.parse(&reader))
        }
    }

    /// Writes the body, `byteCount` bytes at `offset`.
    public func write(to bytes: inout MutableRawSpan, at offset: Int) {
        var offset = offset
        switch self {
        case .heartbeat(let message): message.write(to: &bytes, &offset)
        case .grant(let message): message.write(to: &bytes, &offset)
        case .reach(let message): message.write(to: &bytes, &offset)
        case .standing(let message): message.write(to: &bytes, &offset)
        case .prepare(let message): message.write(to: &bytes, &offset)
        case .promise(let message): message.write(to: &bytes, &offset)
        case .view(let message): message.write(to: &bytes, &offset)
        case .leads(let message): message.write(to: &bytes, &offset)
        }
    }
}
