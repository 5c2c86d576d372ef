// What a channel sends: messages gathered into batches, batches kept until they are acknowledged, in
// a ring of fixed slots. It never changes a byte of a batch that was sent once.

import Wire

/// The sending half of a stream. Sequences below `next` are closed; `next` is the batch that is
/// being filled.
///
///     acknowledged   cursor      sentThrough     next
///     ----|------------|-------------|------------|----
///     done  sent, wait   to send again  to send     open
struct SendWindow {
    let capacity: Int
    let slotBytes: Int
    private(set) var acknowledged: UInt64 = 0
    private(set) var sentThrough: UInt64 = 0
    /// The next to be handed out.
    private(set) var cursor: UInt64 = 1
    private(set) var next: UInt64 = 1
    /// Bytes of messages in the open batch.
    private(set) var openBytes = 0
    /// The message at the end of the open batch that takes more items, and where it stands in it.
    private var openRun: (context: RunContext, offset: Int)?
    /// Whether the open batch is worth compressing.
    private var openIsBulk = false
    /// By slot: until first sent the length without seal, then of the whole datagram.
    private var lengths: [Int]
    private var sentAt: [Tick]
    private var isResent: [Bool]
    private var isBulk: [Bool]
    private var storage: [UInt8]

    init(capacity: Int, slotBytes: Int) {
        self.capacity = capacity
        self.slotBytes = slotBytes
        lengths = Array(repeating: 0, count: capacity)
        sentAt = Array(repeating: Tick(rawValue: 0), count: capacity)
        isResent = Array(repeating: false, count: capacity)
        isBulk = Array(repeating: false, count: capacity)
        storage = Array(repeating: 0, count: capacity * slotBytes)
    }

    /// Batches sent and not acknowledged.
    var outstanding: Int { Int(sentThrough - acknowledged) }
    /// Anything that isn't acknowledged, the open batch counted.
    var isEmpty: Bool { openBytes == 0 && next == acknowledged + 1 }
    /// Batches that aren't acknowledged, the open one counted.
    var waitingBatches: Int { Int(next - acknowledged) }
    var hasWaiting: Bool { cursor < next }

    private func slot(_ sequence: UInt64) -> Int { Int(sequence % UInt64(capacity)) }

    /// Adds a message to the open batch, or to a new one if it doesn't fit. False if the window is
    /// full.
    mutating func append(_ message: PeerMessage) -> Bool {
        append(byteCount: message.byteCount) { $0.write(message, at: $1) }
    }

    /// The same for any message of `byteCount` bytes, head counted, that `write` puts at an offset.
    mutating func append(
        byteCount: Int, _ write: (inout MutableRawSpan, Int) -> Void
    ) -> Bool {
        precondition(byteCount <= roomBytes, "a message fits in a batch")
        if openBytes + byteCount > roomBytes { close() }
        guard next - acknowledged <= UInt64(capacity) else { return false }
        let offset = slot(next) * slotBytes + BatchHeader.byteCount + openBytes
        var bytes = storage.mutableRawSpan
        write(&bytes, offset)
        openBytes += byteCount
        openRun = nil
        return true
    }

    /// Adds an item to the message at the end of the open batch if that has the same context, else to
    /// a new message.
    mutating func append(
        _ context: RunContext, itemBytes: Int, _ write: (inout MutableRawSpan, Int) -> Void
    ) -> Bool {
        if let run = openRun, run.context == context, openBytes + itemBytes <= roomBytes {
            let start = slot(next) * slotBytes + BatchHeader.byteCount
            let end = openBytes
            openBytes += itemBytes
            let body = openBytes - run.offset - PeerMessage.headBytes
            var bytes = storage.mutableRawSpan
            write(&bytes, start + end)
            bytes.store(bigEndian: UInt16(body), at: start + run.offset + 2)
            return true
        }
        let headBytes = PeerMessage.headBytes + context.byteCount
        if openBytes + headBytes + itemBytes > roomBytes { close() }
        let offset = openBytes
        let isIn = append(byteCount: headBytes + itemBytes) { bytes, start in
            bytes.store(context.type.rawValue, at: start)
            bytes.store(0 as UInt8, at: start + 1)
            bytes.store(
                bigEndian: UInt16(context.byteCount + itemBytes), at: start + 2)
            context.write(to: &bytes, at: start + PeerMessage.headBytes)
            write(&bytes, start + headBytes)
        }
        if isIn { openRun = (context, offset) }
        return isIn
    }

    private var roomBytes: Int {
        slotBytes - BatchHeader.byteCount - ChannelSettings.sealReserveBytes
    }

    /// What was appended last is worth compressing, with the batch that it is in.
    mutating func markBulk() { openIsBulk = true }

    /// Ends the open batch, if there is anything in it: it can be sent.
    mutating func close() {
        guard openBytes > 0 else { return }
        lengths[slot(next)] = BatchHeader.byteCount + openBytes
        isBulk[slot(next)] = openIsBulk
        openIsBulk = false
        next += 1
        openBytes = 0
        openRun = nil
    }

    /// Takes the peer's word for everything up to `sequence`. The round trip of the newest of them
    /// that was sent but once, if there is one (RFC 6298 §3, Karn's algorithm).
    mutating func acknowledge(through sequence: UInt64, at now: Tick) -> (
        isNew: Bool, roundTrip: UInt64?
    ) {
        precondition(sequence <= sentThrough)
        guard sequence > acknowledged else { return (false, nil) }
        acknowledged = sequence
        cursor = max(cursor, sequence + 1)
        let last = slot(sequence)
        return (true, isResent[last] ? nil : now - sentAt[last])
    }

    /// Everything that isn't acknowledged is to be sent again.
    mutating func rewind() { cursor = acknowledged + 1 }

    /// The stream is over. How many batches were lost with it.
    mutating func reset() -> Int {
        let lost = Int(next - acknowledged - 1) + (openBytes > 0 ? 1 : 0)
        acknowledged = 0
        sentThrough = 0
        cursor = 1
        next = 1
        openBytes = 0
        openRun = nil
        openIsBulk = false
        return lost
    }

    /// The next batch to be sent, and whether it was sent before. Nil if nothing waits.
    var waiting: (sequence: UInt64, isAgain: Bool)? {
        cursor < next ? (cursor, cursor <= sentThrough) : nil
    }

    /// Whether the batch that waits is worth compressing.
    var isWaitingBulk: Bool { isBulk[slot(cursor)] }

    /// Copies the batch that waits to the front of `datagram`; its length, without seal if it was
    /// never sent.
    func copyWaiting(to datagram: inout MutableRawSpan) -> Int {
        let slot = slot(cursor)
        let start = slot * slotBytes
        datagram.copy(storage.rawSpan.extracting(start..<start + lengths[slot]), to: 0)
        return lengths[slot]
    }

    /// Keeps the sealed bytes of the batch that waits, which was never sent.
    mutating func keep(_ datagram: RawSpan) {
        let slot = slot(cursor)
        precondition(cursor > sentThrough && datagram.byteCount <= slotBytes)
        let start = slot * slotBytes
        var bytes = storage.mutableRawSpan
        bytes.copy(datagram, to: start)
        lengths[slot] = datagram.byteCount
    }

    /// The batch that waits has left.
    mutating func sent(at now: Tick) {
        let slot = slot(cursor)
        isResent[slot] = cursor <= sentThrough
        sentAt[slot] = now
        sentThrough = max(sentThrough, cursor)
        cursor += 1
    }

    func checkInvariants() {
        precondition(acknowledged <= sentThrough && sentThrough < next)
        precondition(cursor > acknowledged && cursor <= next)
        precondition(next - acknowledged <= UInt64(capacity) + 1, "more batches than slots")
        precondition(openBytes >= 0 && openBytes <= slotBytes - BatchHeader.byteCount)
    }
}

extension MutableRawSpan {
    fileprivate mutating func write(_ message: PeerMessage, at offset: Int) {
        message.write(to: &self, at: offset)
    }

    /// Writes all of `source` from `offset` on, as one block.
    mutating func copy(_ source: RawSpan, to offset: Int) {
        precondition(offset >= 0 && source.byteCount <= byteCount - offset)
        // Proof: the bounds were checked, and two spans of which one is exclusive don't overlap.
        unsafe withUnsafeMutableBytes { target in
            unsafe source.withUnsafeBytes { bytes in
                guard let from = bytes.baseAddress, let base = target.baseAddress else { return }
                unsafe (base + offset).copyMemory(from: from, byteCount: bytes.count)
            }
        }
    }
}
