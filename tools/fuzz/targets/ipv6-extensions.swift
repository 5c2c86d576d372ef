// IPv6View and the walk over extension headers: it ends inside the packet, and ends at all.

import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        guard let packet = try? IPv6View(bytes) else { return }
        let header = IPv6Header(packet)
        let again = written(IPv6Header.byteCount) { header.write(to: &$0) }
        check(again == copy(bytes.extracting(0..<IPv6Header.byteCount)), "no bit is lost")
        guard let walk = try? IPv6ExtensionHeaders.parse(packet) else { return }
        check(walk.transportOffset >= IPv6Header.byteCount, "the fixed header comes first")
        check(walk.transportOffset <= packet.totalBytes, "the walk ends inside")
        guard let fragment = walk.fragment else {
            check(![0, 43, 44, 51, 60].contains(walk.transport.rawValue), "no header is left")
            return
        }
        let bytes = written(IPv6FragmentHeader.byteCount) { fragment.write(to: &$0) }
        check((try? IPv6FragmentHeader.parse(bytes.rawSpan)) == fragment, "written and read again")
    }
}
