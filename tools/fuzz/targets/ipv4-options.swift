// IPv4Header and its options: a header written in its place changes nothing but its checksum.

import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        examineWalk(bytes)
        let packet = repaired(bytes)
        guard let header = try? IPv4Header.parse(packet.rawSpan) else { return }
        var rewritten = packet
        var span = rewritten.mutableRawSpan
        header.write(to: &span)
        check((try? IPv4Header.parse(rewritten.rawSpan)) == header, "written and read again")
        check(ipv4HeaderChecksumIsValid(rewritten.rawSpan), "a written checksum is right")
        // The reserved flag is the only bit that a value doesn't hold.
        if packet[6] & 0x80 == 0 {
            check(rewritten == packet, "a header written in its place changes no byte")
        }
    }
}

func examineWalk(_ bytes: RawSpan) {
    var walk = IPv4OptionWalk(bytes)
    var last = 0
    do throws(PacketError) {
        while let option = try walk.next() {
            check(option.dataStart >= last + 2, "options don't overlap")
            last = option.dataStart + option.dataBytes
            check(last <= bytes.byteCount, "an option ends inside")
        }
    } catch {
        check(error == .badOptions, "lengths are all that can be wrong")
    }
}
