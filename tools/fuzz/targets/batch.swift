// BatchHeader: what is read can be written and reads the same; lengths inside the datagram.

import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        guard let header = try? BatchHeader.parse(bytes) else { return }
        check(header.totalBytes == bytes.byteCount, "a batch fills its datagram")
        check(header.headerBytes <= header.totalBytes, "the header is inside")
        check(header.sender.node.rawValue != 0, "a batch has a sender")
        let again = written(header.totalBytes) { header.write(to: &$0) }
        check((try? BatchHeader.parse(again.rawSpan)) == header, "written and read again")
    }
}
