// Reader and writer of a view's announcement, field by field in the order of its picture.

/// Why an announcement or a subscription was refused. Each has its own counter.
public enum AnnouncementError: UInt8, Error, CaseIterable, Sendable, BitwiseCopyable {
    /// Fewer bytes than a header and a seal.
    case tooShort
    /// Something else.
    case badMagic
    /// Of a release that this one doesn't understand.
    case unknownVersion
    /// The length in it isn't the datagram's, or not that of what it says it holds.
    case badLength
    /// A field has a value that no sender writes.
    case badValue
    /// Of another cluster.
    case otherCluster
    /// Forged, damaged, or sealed with a key that isn't known.
    case badSeal
}

extension ViewAnnouncement {
    /// Whether a datagram is one, by its first four bytes.
    public static func isOne(_ bytes: RawSpan) -> Bool {
        bytes.byteCount >= 4 && bytes.bigEndianUInt32(at: 0) == magic
    }

    /// Reads and checks an announcement, all but its seal.
    public static func parse(_ bytes: RawSpan) throws(AnnouncementError) -> ViewAnnouncement {
        try AnnouncementSeal.checkHead(
            bytes, magic: magic, version: version, headerBytes: headerBytes)
        let memberCount = Int(bytes.uint8(at: 52))
        let bucketCount = Int(bytes.bigEndianUInt16(at: 14))
        guard (1...View.mostSeats).contains(memberCount), (1...mostBuckets).contains(bucketCount)
        else { throw .badValue }
        guard bytes.byteCount == byteCount(members: memberCount, buckets: bucketCount) else {
            throw .badLength
        }
        let leads = headerBytes + memberCount * 8
        let announcement = ViewAnnouncement(
            cluster: bytes.bigEndianUInt64(at: 16), keyEpoch: bytes.bigEndianUInt32(at: 8),
            group: bytes.bigEndianUInt64(at: 24), ballot: bytes.ballot(at: 32),
            members: (0..<memberCount).map {
                NodeID(rawValue: bytes.bigEndianUInt64(at: headerBytes + $0 * 8))
            },
            live: SeatSet(rawValue: bytes.uint8(at: 53)),
            leads: (0..<bucketCount).map { bytes.bucketLead(at: leads + $0 * leadBytes) })
        guard announcement.isConsistent else { throw .badValue }
        return announcement
    }

    /// Whether what its fields say of each other holds.
    public var isConsistent: Bool {
        let everyone = SeatSet(rawValue: UInt8(truncatingIfNeeded: 1 << members.count - 1))
        return live.isSubset(of: everyone)
            && members.allSatisfy { $0.rawValue != 0 }
            && leads.allSatisfy { lead in
                lead.seat == BucketSeats.nobody
                    || Int(lead.seat) < members.count && live.contains(seat: Int(lead.seat))
            }
    }

    /// Writes `byteCount` bytes at offset 0, with room for the seal at their end.
    public func write(to bytes: inout MutableRawSpan) {
        precondition((1...View.mostSeats).contains(members.count))
        precondition((1...Self.mostBuckets).contains(leads.count))
        bytes.store(bigEndian: Self.magic, at: 0)
        bytes.store(Self.version, at: 4)
        bytes.store(0 as UInt8, at: 5)
        bytes.store(bigEndian: UInt16(byteCount), at: 6)
        bytes.store(bigEndian: keyEpoch, at: 8)
        bytes.store(bigEndian: 0 as UInt16, at: 12)
        bytes.store(bigEndian: UInt16(leads.count), at: 14)
        bytes.store(bigEndian: cluster, at: 16)
        bytes.store(bigEndian: group, at: 24)
        bytes.store(ballot, at: 32)
        bytes.store(UInt8(members.count), at: 52)
        bytes.store(live.rawValue, at: 53)
        bytes.store(bigEndian: 0 as UInt16, at: 54)
        var offset = Self.headerBytes
        for member in members {
            bytes.store(bigEndian: member.rawValue, at: offset)
            offset += 8
        }
        for lead in leads {
            bytes.store(lead.seat, at: offset)
            bytes.store(bigEndian: lead.term, at: offset + 1)
            offset += Self.leadBytes
        }
        AnnouncementSeal.clear(&bytes, at: offset)
    }
}

extension RawSpan {
    /// A ballot of 20 bytes: number, proposer, generation.
    func ballot(at offset: Int) -> Ballot {
        Ballot(
            generation: bigEndianUInt32(at: offset + 16), number: bigEndianUInt64(at: offset),
            proposer: NodeID(rawValue: bigEndianUInt64(at: offset + 8)))
    }

    fileprivate func bucketLead(at offset: Int) -> BucketLead {
        BucketLead(seat: uint8(at: offset), term: bigEndianUInt32(at: offset + 1))
    }
}

extension MutableRawSpan {
    mutating func store(_ ballot: Ballot, at offset: Int) {
        store(bigEndian: ballot.number, at: offset)
        store(bigEndian: ballot.proposer.rawValue, at: offset + 8)
        store(bigEndian: ballot.generation, at: offset + 16)
    }
}
