// OverlayHeader: what is read can be written and reads the same, in the usual shape and any other.

import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        guard let (header, offset) = try? OverlayHeader.parse(bytes) else { return }
        check(offset >= 16 && offset <= bytes.byteCount, "the inner packet begins inside")
        let usual = rewritten(header)
        let again = try? OverlayHeader.parse(usual.rawSpan)
        check(again?.header == header, "written and read again, it is the same")
        check(again?.innerOffset == usual.count, "the usual shape has its length")
        check(usual.rawSpan.bigEndianUInt16(at: 12) == header.bucket.rawValue, "bucket at 12")
        check(bytes.bigEndianUInt16(at: 12) == header.bucket.rawValue, "bucket at 12 as received")
        withUnknownOption(usual, header)
    }
}

func rewritten(_ header: OverlayHeader) -> [UInt8] {
    guard header.origin == nil else {
        return written(header.passedOnBytes) { header.writePassedOn(to: &$0) }
    }
    return written(OverlayHeader.byteCount) { header.write(to: &$0) }
}

/// The same with an option behind that readers skip: it can't have the usual shape.
func withUnknownOption(_ usual: [UInt8], _ header: OverlayHeader) {
    var bytes = usual + [0x01, 0x02, 0x03, 0x00]
    bytes[0] += 1
    let again = try? OverlayHeader.parse(bytes.rawSpan)
    check(again?.header == header, "an unknown option makes no difference")
    check(again?.innerOffset == bytes.count, "an unknown option counts")
}
