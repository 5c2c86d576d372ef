// "Here nothing stands on it any more": the last word of a bucket on an address or a resource that is
// being released. DESIGN part 5, rule 20.
//
//    0  id         8

/// What a bucket has done with.
public enum BucketClose: Hashable, Sendable, BitwiseCopyable {
    static let byteCount = 8

    case resource(ResourceID)
    /// An EIP, by its id.
    case elasticIP(UInt64)

    /// Bit 0: an EIP.
    var flags: UInt8 {
        if case .elasticIP = self { 1 } else { 0 }
    }

    init(
        _ flags: FlowEntryFlags, _ bytes: RawSpan, _ offset: inout Int
    ) throws(FlowEntryError) {
        let id = bytes.nextUInt64(&offset)
        guard id != 0 else { throw .badValue }
        self = flags.rawValue & 1 == 1 ? .elasticIP(id) : .resource(ResourceID(rawValue: id))
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        switch self {
        case .resource(let resource): bytes.put(resource.rawValue, &offset)
        case .elasticIP(let id): bytes.put(id, &offset)
        }
    }
}
