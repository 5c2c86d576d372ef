// Announcements and subscriptions: what is written reads back, each defect has its own name, and no
// Geneve packet or batch is taken for one.

import Testing
import Wire

struct ViewAnnouncementTests {
    static let ballot = Ballot(generation: 1, number: 7, proposer: NodeID(rawValue: 12))

    static func announcement(buckets: Int = 64, members: Int = 3) -> ViewAnnouncement {
        ViewAnnouncement(
            cluster: 5, keyEpoch: 2, group: 9, ballot: ballot,
            members: (0..<members).map { NodeID(rawValue: UInt64(10 + $0)) },
            live: SeatSet(rawValue: UInt8(truncatingIfNeeded: 1 << members - 1)),
            leads: (0..<buckets).map {
                BucketLead(
                    seat: $0 % 5 == 4 ? BucketSeats.nobody : UInt8($0 % members),
                    term: UInt32($0 % 3))
            })
    }

    private func bytes(_ announcement: ViewAnnouncement) -> [UInt8] {
        written(announcement.byteCount) { announcement.write(to: &$0) }
    }

    private func error(_ bytes: [UInt8]) -> AnnouncementError? {
        do throws(AnnouncementError) {
            _ = try ViewAnnouncement.parse(bytes.rawSpan)
            return nil
        } catch { return error }
    }

    @Test(arguments: [(1, 1), (64, 5), (265, 8), (8192, 8)])
    func `a written announcement reads back as the same value`(buckets: Int, members: Int) throws {
        let announcement = Self.announcement(buckets: buckets, members: members)
        let bytes = bytes(announcement)
        let read = try ViewAnnouncement.parse(bytes.rawSpan)
        #expect(read == announcement)
        #expect(bytes.count <= ViewAnnouncement.maximumBytes(buckets: buckets))
    }

    @Test func `with 265 buckets or fewer it fits an Ethernet frame`() {
        #expect(ViewAnnouncement.maximumBytes(buckets: 64) <= 1472)
        #expect(ViewAnnouncement.maximumBytes(buckets: 265) <= 1472)
        #expect(ViewAnnouncement.maximumBytes(buckets: ViewAnnouncement.mostBuckets) <= 65507)
    }

    @Test func `it is no Geneve packet and no batch, and engine 0 takes it`() {
        let bytes = bytes(Self.announcement())
        let isAnnouncement = ViewAnnouncement.isOne(bytes.rawSpan)
        let isSubscription = Subscription.isOne(bytes.rawSpan)
        #expect(isAnnouncement && !isSubscription)
        #expect(throws: OverlayError.self) { try OverlayHeader.parse(bytes.rawSpan) }
        #expect(throws: BatchError.badMagic) { try BatchHeader.parse(bytes.rawSpan) }
        #expect(bytes[BatchHeader.receiverEngineOffset...].prefix(2) == [0, 0])
    }

    @Test func `every cut and every other version has its name`() {
        let whole = bytes(Self.announcement())
        for length in 0..<whole.count {
            #expect([.tooShort, .badLength].contains(error(Array(whole.prefix(length)))))
        }
        #expect(error(whole + [0]) == .badLength)
        var other = whole
        other[4] = 2
        #expect(error(other) == .unknownVersion)
        other = whole
        other[0] = 0x49
        #expect(error(other) == .badMagic)
        other = whole
        other[13] = 1
        #expect(error(other) == .badValue)
    }

    @Test func `a leader beyond the members or not alive is refused`() {
        var announcement = Self.announcement()
        announcement.leads[3].seat = 3
        #expect(error(bytes(announcement)) == .badValue)
        announcement = Self.announcement()
        announcement.live = SeatSet(seat: 0)
        #expect(error(bytes(announcement)) == .badValue)
        announcement = Self.announcement()
        announcement.members[1] = NodeID(rawValue: 0)
        #expect(error(bytes(announcement)) == .badValue)
    }

    @Test func `hand-overs make an announcement newer`() {
        var announcement = Self.announcement()
        let before = announcement.change
        announcement.leads[0].term += 1
        #expect(announcement.change == before + 1)
    }
}

struct SubscriptionTests {
    static let groups = (0..<Subscription.mostGroups).map {
        KnownView(
            group: UInt64($0 + 1), ballot: ViewAnnouncementTests.ballot, change: UInt64($0))
    }

    private func bytes(_ groups: ArraySlice<KnownView>) -> [UInt8] {
        var length = 0
        let bytes = written(1472) {
            length = Subscription.write(cluster: 5, keyEpoch: 2, groups: groups, to: &$0)
        }
        return Array(bytes.prefix(length))
    }

    @Test(arguments: [1, 2, Subscription.mostGroups])
    func `a written subscription reads back`(count: Int) throws {
        let bytes = bytes(Self.groups.prefix(count))
        let read = try Subscription.parse(bytes.rawSpan)
        #expect(read.cluster == 5)
        #expect(read.keyEpoch == 2)
        #expect(read.groupCount == count)
        for index in 0..<count {
            let group = Subscription.group(index, of: bytes.rawSpan)
            #expect(group == Self.groups[index])
        }
        #expect(bytes.count <= 1472)
    }

    @Test func `a subscription that was cut is refused`() {
        let whole = bytes(Self.groups.prefix(3))
        for length in 0..<whole.count {
            #expect(throws: AnnouncementError.self) {
                try Subscription.parse(Array(whole.prefix(length)).rawSpan)
            }
        }
        var other = whole
        other[15] = 4
        #expect(throws: AnnouncementError.badLength) { try Subscription.parse(other.rawSpan) }
        other[15] = 0
        #expect(throws: AnnouncementError.badValue) { try Subscription.parse(other.rawSpan) }
    }

    @Test func `a later view, or more hand-overs in the same one, are newer`() {
        let known = Self.groups[3]
        var other = known
        #expect(!other.isNewer(than: known))
        other.change += 1
        #expect(other.isNewer(than: known) && !known.isNewer(than: other))
        other.ballot.number -= 1
        #expect(!other.isNewer(than: known) && known.isNewer(than: other))
        #expect(known.isNewer(than: KnownView(group: known.group)))
    }
}
