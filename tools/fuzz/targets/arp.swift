// EthernetHeader and ARPPacket: what is read is written with the same bytes.

import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        if let packet = try? ARPPacket.parse(bytes) {
            let again = written(ARPPacket.byteCount) { packet.write(to: &$0) }
            check(again == copy(bytes.extracting(0..<ARPPacket.byteCount)), "no bit is lost")
        }
        guard let frame = try? EthernetHeader.parse(bytes) else { return }
        check(frame.headerBytes <= bytes.byteCount, "the header is inside")
        let again = written(frame.headerBytes) { frame.write(to: &$0) }
        check(again == copy(bytes.extracting(0..<frame.headerBytes)), "no bit is lost")
    }
}
