// A channel and the loans behind it: whatever datagrams and messages come, in whatever order, nothing
// traps and the invariants hold. The input is a script: a byte that says what comes, a length, bytes.

import Consensus
import Tables
import Wire

private let peer = ChannelIdentity(
    address: EngineAddress(node: NodeID(rawValue: 2), engine: 0),
    incarnation: Incarnation(counter: 1, random: 1), greeting: Greeting(nonce: 1, engineCount: 1))
private let own = ChannelIdentity(
    address: EngineAddress(node: NodeID(rawValue: 1), engine: 0),
    incarnation: Incarnation(counter: 1, random: 2), greeting: Greeting(nonce: 2, engineCount: 1))

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        var script = Script(bytes: copy(bytes))
        var channel = Channel(own: own, peer: peer.address) { _, _ in IdentitySealer() }
        var loans = makeLoans()
        var now = Tick.seconds(1)
        while let step = script.next() {
            now = now + UInt64(step.kind) * 1_000_000
            switch step.kind & 7 {
            case 0, 1: take(step.bytes, &channel, &loans, now)
            case 2: take(batch(step.bytes, sequence: UInt64(step.kind >> 3)), &channel, &loans, now)
            case 3: handle(step.bytes, &loans, now)
            case 4: ask(step.bytes, &loans, now)
            case 5 where step.bytes.isEmpty: loans.peerRestarted(0, at: now)
            case 5: change(step.bytes, &loans, now)
            default:
                channel.tick(now)
                loans.tick(now)
            }
            pump(&loans, &channel, now)
            channel.checkInvariants()
            loans.checkInvariants()
        }
    }
}

private struct Script {
    var bytes: [UInt8]
    var offset = 0

    mutating func next() -> (kind: UInt8, bytes: [UInt8])? {
        guard bytes.count - offset >= 2 else { return nil }
        let kind = bytes[offset]
        let end = min(bytes.count, offset + 2 + Int(bytes[offset + 1]))
        defer { offset = end }
        return (kind, Array(bytes[offset + 2..<end]))
    }
}

private func makeLoans() -> Loans {
    var loans = Loans(
        LoanSettings(
            bucketCount: 4, groupCapacity: 1, peerCapacity: 1, tenantCapacity: 1, heldCapacity: 8,
            lentCapacity: 8, waiterCapacity: 8, searchCapacity: 4, scarceCapacity: 4),
        seed: 1)
    for bucket in 0..<4 {
        let route: LoanRoute = bucket < 2 ? .here : .peer(0, isOwnNode: false)
        check(loans.setRoute(group: 1, bucket: BucketIndex(bucket), to: route), "room for a group")
        if bucket < 2 { lead(bucket, &loans, term: 1, Tick.seconds(1)) }
    }
    return loans
}

private func lead(_ bucket: Int, _ loans: inout Loans, term: UInt32, _ now: Tick) {
    loans.begin(
        group: 1, bucket: BucketIndex(bucket),
        ballot: Ballot(generation: 1, number: 1, proposer: own.address.node), term: term, at: now)
    loans.open(group: 1, bucket: BucketIndex(bucket), at: now)
}

/// A batch with a right header around the bytes.
private func batch(_ contents: [UInt8], sequence: UInt64) -> [UInt8] {
    let header = BatchHeader(
        kind: .messages, totalBytes: BatchHeader.byteCount + contents.count, keyEpoch: 0,
        sender: peer.address, receiver: own.address, senderIncarnation: peer.incarnation,
        receiverIncarnation: own.incarnation, number: 1, sequence: sequence)
    return written(BatchHeader.byteCount) { header.write(to: &$0) } + contents
}

private func take(
    _ datagram: [UInt8], _ channel: inout Channel<IdentitySealer>, _ loans: inout Loans,
    _ now: Tick
) {
    var bytes = datagram
    var span = bytes.mutableRawSpan
    guard case .messages(let range) = channel.handle(&span, at: now) else { return }
    check(range.upperBound <= bytes.count, "messages are inside")
    handle(Array(bytes[range]), &loans, now)
}

private func handle(_ contents: [UInt8], _ loans: inout Loans, _ now: Tick) {
    var offset = 0
    while offset < contents.count,
        let (message, next) = try? PeerMessage.parse(contents.rawSpan, at: offset)
    {
        if let message { loans.handle(message, from: 0, at: now) }
        offset = next
    }
}

private func ask(_ bytes: [UInt8], _ loans: inout Loans, _ now: Tick) {
    let toward = PortDestination(
        scope: ResourceID(rawValue: 1), ipProtocol: .udp,
        external: .v6(IPv6Address(high: 0, low: 1)),
        remote: .v6(IPv6Address(high: 0, low: UInt64(bytes.first ?? 0) & 3)), remotePort: Port(1),
        bucket: BucketIndex(Int(bytes.last ?? 0) & 1))
    _ = loans.request(
        toward: toward, group: 1, tenant: 0, token: UInt64(bytes.count), at: now)
}

/// A bucket changes its leader: to another engine, to this one, or to this one again.
private func change(_ bytes: [UInt8], _ loans: inout Loans, _ now: Tick) {
    let bucket = Int(bytes[0]) & 1
    if bytes[0] & 2 == 0 { loans.cease(group: 1, bucket: BucketIndex(bucket), at: now) }
    if bytes[0] & 4 == 0 { lead(bucket, &loans, term: UInt32(bytes.last ?? 1), now) }
    if bytes[0] & 8 != 0 { loans.discard(group: 1, bucket: BucketIndex(bucket)) }
}

/// One port for each destination and bucket.
private func pump(_ loans: inout Loans, _ channel: inout Channel<IdentitySealer>, _ now: Tick) {
    var isBusy = true
    while isBusy {
        isBusy = false
        while let ask = loans.pollAsk() {
            isBusy = true
            let port = LoanPort(Port(ask.toward.bucket.rawValue), toward: ask.toward)
            let isTaken = loans.isTaken(port)
            _ = loans.answer(ask, with: isTaken ? nil : port.port, tenant: 0, at: now)
        }
        while let entry = loans.pollEntry() {
            isBusy = true
            if now.rawValue & 1 << 20 == 0 {
                check(loans.committed(entry, tenant: 0, at: now), "what was decided has room")
            } else {
                loans.undone(entry, at: now)
            }
        }
        while let denied = loans.pollDenial() {
            isBusy = true
            loans.deny(denied, at: now)
        }
        while let outcome = loans.pollOutcome() {
            isBusy = true
            if case .granted(let port) = outcome.result, outcome.token & 1 == 0 {
                check(loans.decline(port, at: now), "what was granted can be declined")
            }
        }
        while loans.pollFreed() != nil {}
    }
    while let dispatch = loans.pollDispatch() { _ = channel.enqueue(dispatch.message) }
    var buffer = [UInt8](repeating: 0, count: channel.settings.maximumBatchBytes)
    var span = buffer.mutableRawSpan
    while channel.poll(at: now, into: &span) != nil {}
}
