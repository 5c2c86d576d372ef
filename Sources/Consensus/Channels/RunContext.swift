// Messages that take item after item as a turn goes on: entries, acknowledgements and marks. What the
// items share stands once before them.

import Wire

/// What a run of items has in common.
enum RunContext: Hashable {
    case entries(EntriesContext)
    case acknowledged(MarksContext)
    case committed(MarksContext)

    var type: PeerMessageType {
        switch self {
        case .entries: .entries
        case .acknowledged: .acknowledged
        case .committed: .committed
        }
    }

    var byteCount: Int {
        switch self {
        case .entries: EntriesContext.byteCount
        case .acknowledged, .committed: MarksContext.byteCount
        }
    }

    func write(to bytes: inout MutableRawSpan, at offset: Int) {
        switch self {
        case .entries(let context): context.write(to: &bytes, at: offset)
        case .acknowledged(let context), .committed(let context):
            context.write(to: &bytes, at: offset)
        }
    }
}

/// Which marks a run has.
enum MarkKind {
    case acknowledged
    case committed
}

extension Channel where Sealer: ~Copyable {
    /// Adds an entry to the turn's batch. False if the window is full: the entry is sent later.
    mutating func append(_ context: EntriesContext, _ head: EntryHead, _ body: RawSpan) -> Bool {
        let count = EntryHead.byteCount + body.byteCount
        let isIn = window.append(.entries(context), itemBytes: count) { bytes, offset in
            head.write(to: &bytes, at: offset)
            if body.byteCount > 0 { bytes.copy(body, to: offset + EntryHead.byteCount) }
        }
        if isIn, head.kind.isBulk { window.markBulk() }
        return isIn
    }

    /// Adds a mark to the turn's batch. False if the window is full.
    mutating func append(_ kind: MarkKind, _ context: MarksContext, _ mark: BucketMark) -> Bool {
        let run = kind == .acknowledged ? RunContext.acknowledged(context) : .committed(context)
        return window.append(run, itemBytes: BucketMark.byteCount) { bytes, offset in
            mark.write(to: &bytes, at: offset)
        }
    }

    /// Adds a message of any type to the turn's batch. False, counted, if the window is full.
    mutating func append(
        type: UInt8, bodyBytes: Int, _ write: (inout MutableRawSpan, Int) -> Void
    ) -> Bool {
        let isIn = window.append(byteCount: PeerMessage.headBytes + bodyBytes) { bytes, offset in
            PeerMessageHead.write(type: type, bodyBytes: bodyBytes, to: &bytes, at: offset)
            write(&bytes, offset + PeerMessage.headBytes)
        }
        if isIn { counters.messagesSent += 1 } else { counters.channelFull += 1 }
        return isIn
    }
}

extension ChannelSet where Sealer: ~Copyable {
    mutating func append(
        _ context: EntriesContext, _ head: EntryHead, _ body: RawSpan, to number: Int
    ) -> Bool {
        with(number) { $0.append(context, head, body) }
    }

    mutating func append(
        _ kind: MarkKind, _ context: MarksContext, _ mark: BucketMark, to number: Int
    ) -> Bool {
        with(number) { $0.append(kind, context, mark) }
    }
}
