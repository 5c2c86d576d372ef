// Reading the encapsulation: at once if it has the usual shape, option by option if not.

extension OverlayHeader {
    /// Reads and checks the encapsulation at the start of a UDP payload. The inner packet begins
    /// at `innerOffset`; it is there only if bytes follow.
    ///
    /// `steering` comes first; the others may come in any order or not at all (none, 0); unknown
    /// options are skipped unless they are critical. Cost: constant for the usual shape, else one
    /// pass over at most 252 bytes; no allocation.
    @inlinable
    public static func parse(
        _ bytes: RawSpan
    ) throws(OverlayError) -> (header: OverlayHeader, innerOffset: Int) {
        guard bytes.byteCount >= byteCount, hasUsualShape(bytes) else {
            return try parseAnyShape(bytes)
        }
        let protocolType = EtherType(rawValue: bytes.bigEndianUInt16(at: 2))
        let innerIsIPv4 = try innerIsIPv4(protocolType, bytes, innerOffset: byteCount)
        let marks = OverlayMarks(rawValue: bytes.uint8(at: 14))
        guard marks.isSubset(of: .known) else { throw .unknownMarks }
        let header = OverlayHeader(
            vni: VNI(truncating: bytes.bigEndianUInt32(at: 4) >> 8), innerIsIPv4: innerIsIPv4,
            bucket: BucketIndex(rawValue: bytes.bigEndianUInt16(at: bucketOffset)), marks: marks,
            eni: ENI(rawValue: bytes.bigEndianUInt64(at: 20)),
            resource: ResourceID(rawValue: bytes.bigEndianUInt64(at: 32)),
            listener: bytes.bigEndianUInt16(at: 40))
        return (header, byteCount)
    }

    /// Version 0, 36 bytes of options, C set, O clear, and the three option headers in order.
    /// Reserved bits are left out of the comparison (RFC 8926 §3.4 (reserved): ignored).
    @inlinable @inline(__always)
    static func hasUsualShape(_ bytes: RawSpan) -> Bool {
        bytes.bigEndianUInt16(at: 0) & 0xFFC0 == 0x0940
            && bytes.bigEndianUInt32(at: 8) & 0xFFFF_FF1F == OverlayOption.steering.headerWord
            && bytes.bigEndianUInt32(at: 16) & 0xFFFF_FF1F == OverlayOption.sourceENI.headerWord
            && bytes.bigEndianUInt32(at: 28) & 0xFFFF_FF1F == OverlayOption.resource.headerWord
    }

    @inlinable @inline(__always)
    static func innerIsIPv4(
        _ type: EtherType, _ bytes: RawSpan, innerOffset: Int
    ) throws(OverlayError) -> Bool {
        // RFC 8926 §3.4 (protocol type).
        guard type == .ipv4 || type == .ipv6 else { throw .badProtocolType }
        let isIPv4 = type == .ipv4
        if bytes.byteCount > innerOffset,
            bytes.uint8(at: innerOffset) >> 4 != (isIPv4 ? 4 : 6)
        {
            throw .innerVersionMismatch
        }
        return isIPv4
    }

    @usableFromInline
    static func parseAnyShape(
        _ bytes: RawSpan
    ) throws(OverlayError) -> (header: OverlayHeader, innerOffset: Int) {
        let base = try GeneveHeader.parse(bytes)
        // RFC 8926 §3.4 (control): the payload of a control packet is not forwarded.
        guard !base.isControl else { throw .controlPacket }
        let innerOffset = GeneveHeader.byteCount + base.optionBytes
        var header = OverlayHeader(
            vni: base.vni,
            innerIsIPv4: try innerIsIPv4(base.protocolType, bytes, innerOffset: innerOffset),
            bucket: BucketIndex(rawValue: 0))
        try header.readOptions(
            bytes.extracting(GeneveHeader.byteCount..<innerOffset),
            mayBeCritical: base.hasCriticalOptions)
        return (header, innerOffset)
    }

    private mutating func readOptions(
        _ options: RawSpan, mayBeCritical: Bool
    ) throws(OverlayError) {
        var walk = GeneveOptionWalk(options)
        var seen: UInt8 = 0
        while let option = try walk.next() {
            // RFC 8926 §3.5 (critical): one implies the base header's C bit.
            guard mayBeCritical || !option.isCritical else { throw .criticalBitMissing }
            let known =
                option.optionClass == OverlayHeader.optionClass
                ? OverlayOption(rawValue: option.type) : nil
            guard let known else {
                // RFC 8926 §3.5 (critical), (unknown): these drop the packet, others are skipped.
                guard !option.isCritical else { throw .unknownCriticalOption }
                guard seen != 0 else { throw .steeringMissing }
                continue
            }
            guard option.dataBytes == known.dataBytes else { throw .badOptionLength }
            guard seen != 0 || known == .steering else { throw .steeringMissing }
            let bit: UInt8 = 1 << (known.rawValue & 0x7F)
            guard seen & bit == 0 else { throw .duplicateOption }
            seen |= bit
            try readOption(known, options, at: option.dataStart)
        }
        guard seen != 0 else { throw .steeringMissing }
        guard fragment == nil || origin != nil else { throw .originMissing }
    }

    private mutating func readOption(
        _ option: OverlayOption, _ options: RawSpan, at start: Int
    ) throws(OverlayError) {
        switch option {
        case .steering:
            bucket = BucketIndex(rawValue: options.bigEndianUInt16(at: start))
            marks = OverlayMarks(rawValue: options.uint8(at: start + 2))
            guard marks.isSubset(of: .known) else { throw .unknownMarks }
        case .sourceENI:
            eni = ENI(rawValue: options.bigEndianUInt64(at: start))
        case .resource:
            resource = ResourceID(rawValue: options.bigEndianUInt64(at: start))
            listener = options.bigEndianUInt16(at: start + 8)
        case .origin:
            origin = IPAddress(
                unmapping: IPv6Address(
                    high: options.bigEndianUInt64(at: start),
                    low: options.bigEndianUInt64(at: start + 8)))
        case .fragment:
            let flags = options.bigEndianUInt16(at: start + 6)
            fragment = OverlayFragment(
                sourcePort: Port(options.bigEndianUInt16(at: start)),
                destinationPort: Port(options.bigEndianUInt16(at: start + 2)),
                newIdentification: flags & 0x8000 == 0
                    ? nil : options.bigEndianUInt16(at: start + 4))
        }
    }
}
