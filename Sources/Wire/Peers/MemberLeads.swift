// Which buckets a member leads by hand-overs within a view, and since which term: told to all members
// of the group, of which most took no part. DESIGN part 5, rules 10 and 21.
//
//    0  group     8
//    8  ballot   20    of the view
//   28  leads     2
//   30  leads          6 each: bucket 2, term 4

/// A bucket that a member leads since a hand-over.
public struct LedBucket: Hashable, Sendable, BitwiseCopyable {
    static let byteCount = 6

    public var bucket: BucketIndex
    public var term: UInt32

    public init(bucket: BucketIndex, term: UInt32) {
        self.bucket = bucket
        self.term = term
    }
}

/// Some of the buckets that the sender leads.
public struct LeadNotice: Hashable, Sendable {
    /// Most leads of one notice, so that it fits in a message.
    public static let mostLeads = 200

    public var group: UInt64
    public var ballot: Ballot
    public var leads: [LedBucket]

    public init(group: UInt64, ballot: Ballot, leads: [LedBucket]) {
        precondition(leads.count <= Self.mostLeads)
        self.group = group
        self.ballot = ballot
        self.leads = leads
    }

    var byteCount: Int { 10 + Ballot.byteCount + leads.count * LedBucket.byteCount }

    static func parse(_ reader: inout FieldReader) throws(PeerMessageError) -> LeadNotice {
        let group = try reader.uint64()
        let ballot = try reader.ballot()
        let count = Int(try reader.uint16())
        guard count <= mostLeads else { throw .badValue }
        var leads: [LedBucket] = []
        for _ in 0..<count {
            let bucket = BucketIndex(rawValue: try reader.uint16())
            leads.append(LedBucket(bucket: bucket, term: try reader.uint32()))
        }
        return LeadNotice(group: group, ballot: ballot, leads: leads)
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        bytes.put(group, &offset)
        bytes.put(ballot, &offset)
        bytes.put(UInt16(leads.count), &offset)
        for lead in leads {
            bytes.put(lead.bucket.rawValue, &offset)
            bytes.put(lead.term, &offset)
        }
    }
}
