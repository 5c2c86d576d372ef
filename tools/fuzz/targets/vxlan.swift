// VXLANHeader: what is read can be written and reads the same.

import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        guard let header = try? VXLANHeader.parse(bytes) else { return }
        let again = written(VXLANHeader.byteCount) { header.write(to: &$0) }
        check((try? VXLANHeader.parse(again.rawSpan)) == header, "written and read again")
        check(again[4..<7] == copy(bytes)[4..<7], "the identifier keeps its place")
    }
}
