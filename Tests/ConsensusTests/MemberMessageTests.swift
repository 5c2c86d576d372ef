// The messages between members: what is written reads back, and what is too short or wrong is refused
// by name. Longer bodies are a later release's: what follows is skipped.

import Testing
import Wire

@testable import Consensus

struct MemberMessageTests {
    static let node = NodeID(rawValue: 0x0102_0304_0506_0708)
    static let ballot = Ballot(generation: 3, number: 4, proposer: node)
    static let start = Incarnation(counter: 5, random: 6)

    static var buckets: BucketSet {
        var set = BucketSet(bucketCount: 70)
        for bucket in [0, 63, 64, 69] { set.insert(bucket) }
        return set
    }

    static let standing = GroupStanding(
        group: 1, generation: 2, configuration: 3, installed: ballot, promised: ballot,
        noted: start, wantsAnswer: true, isActive: false, full: buckets,
        led: BucketSet(bucketCount: 70))

    static var departing: GroupStanding {
        var departing = standing
        departing.wantsAnswer = false
        departing.isUnnamed = true
        departing.hasGivenUp = true
        return departing
    }

    static let promise = PromisePart(
        group: 1, ballot: ballot, installed: ballot, generation: 3, configuration: 1, part: 0,
        parts: 1, noted: [NotedStart(node: node, incarnation: start)],
        standings: [
            BucketStanding(
                bucket: BucketIndex(7), stamp: Stamp(ballot: ballot, term: 8, sequence: 9),
                isFull: true, hasAcknowledged: false)
        ])

    static let view = FoundedView(
        view: View(
            group: 1, ballot: ballot, configuration: 1, members: [node, NodeID(rawValue: 2)],
            incarnations: [start, .unknown],
            buckets: [BucketSeats(leader: 0, replicas: [.init(seat: 0)], full: [.init(seat: 0)])]),
        builtOn: .none, namesBefore: [.unknown, start], origins: [.none], beginnings: [ballot])

    static let all: [MemberMessage] = [
        .heartbeat(Heartbeat(sentAt: .seconds(1), marks: .draining)),
        .grant(LeaseGrant(sentAt: .seconds(2), isGranted: true)),
        .reach(ReachNotice(node: node, isReachable: true)),
        .standing(standing),
        .prepare(Prepare(group: 1, ballot: ballot, configuration: 2, known: .none)),
        .promise(promise),
        .leads(
            LeadNotice(
                group: 1, ballot: ballot, leads: [LedBucket(bucket: BucketIndex(3), term: 4)])),
        .view(
            ViewPart.parts(
                of: view, isInstall: true,
                rests: [PortRest(beginning: ballot, nanoseconds: 5)])[0]),
        .view(ViewPart.parts(of: view, isInstall: false)[0]),
        .standing(departing),
    ]

    private func bytes(of message: MemberMessage) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: message.byteCount)
        var span = bytes.mutableRawSpan
        message.write(to: &span, at: 0)
        return bytes
    }

    private func read(_ type: MemberMessageType, _ bytes: [UInt8]) -> MemberMessage? {
        try? MemberMessage.parse(type, bytes.rawSpan, at: 0, length: bytes.count)
    }

    private func error(_ type: MemberMessageType, _ bytes: [UInt8]) -> PeerMessageError? {
        do throws(PeerMessageError) {
            _ = try MemberMessage.parse(type, bytes.rawSpan, at: 0, length: bytes.count)
            return nil
        } catch { return error }
    }

    @Test(arguments: all)
    func `what is written reads back, whatever follows`(message: MemberMessage) {
        let bytes = bytes(of: message)
        #expect(read(message.type, bytes) == message)
        #expect(read(message.type, bytes + [1, 2, 3]) == message)
    }

    @Test(arguments: all)
    func `one that is cut short is refused`(message: MemberMessage) {
        let bytes = bytes(of: message)
        for count in 0..<bytes.count {
            #expect(error(message.type, Array(bytes[..<count])) == .badLength, "\(count) bytes")
        }
    }

    /// Messages with one byte that can't be: the place of the byte, and its value.
    static let wrong: [(what: String, message: MemberMessage, at: Int, value: UInt8)] = [
        ("more parts than there are", .promise(promise), 56, 1),
        ("a stamp without its ballot", .promise(promise), 62 + 24 + 20 + 3, 1),
        ("a bucket beyond B", .standing(standing), 73 + 2 + 8, 0x80),
        (
            "more buckets than the view has", .view(ViewPart.parts(of: view, isInstall: true)[0]),
            55, 1
        ),
        ("too many members", .view(ViewPart.parts(of: view, isInstall: true)[0]), 58, 9),
        ("a leader without a copy", .view(ViewPart.parts(of: view, isInstall: true)[0]), 160, 1),
    ]

    @Test(arguments: wrong.indices)
    func `one that says what can't be is refused`(index: Int) {
        let (what, message, place, value) = Self.wrong[index]
        var bytes = bytes(of: message)
        bytes[place] = value
        #expect(error(message.type, bytes) == .badValue, "\(what)")
    }

    @Test func `no node, and no ballot, is refused`() {
        var reach = bytes(of: Self.all[2])
        for place in 0..<8 { reach[place] = 0 }
        #expect(error(.reach, reach) == .badValue)
        var prepare = bytes(of: Self.all[4])
        for place in 8..<16 { prepare[place] = 0 }
        #expect(error(.prepare, prepare) == .badValue)
    }

    @Test func `what doesn't fit in one message comes in parts`() {
        var whole = Self.promise
        whole.standings = (0..<500).map {
            BucketStanding(
                bucket: BucketIndex($0), stamp: Stamp(ballot: Self.ballot, term: 1, sequence: 2),
                isFull: true, hasAcknowledged: true)
        }
        let parts = PromisePart.parts(of: whole)
        #expect(parts.count > 1)
        #expect(parts.flatMap(\.standings) == whole.standings)
        for part in parts {
            let message = MemberMessage.promise(part)
            #expect(message.byteCount <= PromisePart.mostBytes)
            #expect(read(.promise, bytes(of: message)) == message)
        }
    }
}
