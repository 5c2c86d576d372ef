// GeneveHeader and its options: lengths add up, and what is written again differs only in reserved
// bits.

import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        guard let header = try? GeneveHeader.parse(bytes) else { return }
        let end = GeneveHeader.byteCount + header.optionBytes
        check(end <= bytes.byteCount, "the options are inside")
        let options = copy(bytes.extracting(GeneveHeader.byteCount..<end))
        var walk = GeneveOptionWalk(options.rawSpan)
        var rewritten: [UInt8] = []
        do throws(OverlayError) {
            while let option = try walk.next() {
                check(option.dataStart == rewritten.count + 4, "options follow each other")
                let data = options[option.dataStart..<option.dataStart + option.dataBytes]
                let alone = GeneveOption(
                    optionClass: option.optionClass, type: option.type, dataStart: 4,
                    dataBytes: option.dataBytes)
                rewritten += written(4) { alone.writeHeader(to: &$0) } + data
            }
        } catch {
            check(error == .optionLengthMismatch, "lengths are all that can be wrong")
            return
        }
        check(rewritten.count == options.count, "the lengths add up")
        let base = written(GeneveHeader.byteCount) { header.write(to: &$0) }
        check((try? GeneveHeader.parse((base + rewritten).rawSpan)) == header, "read again")
    }
}
