// TCPOptions and the walk: options inside the bytes, and what is written reads the same.

import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        examineWalk(bytes)
        guard let options = try? TCPOptions.parse(bytes) else { return }
        let again = written(options.byteCount) { options.write(to: &$0, at: 0) }
        check(options.byteCount & 3 == 0, "options fill whole words")
        check((try? TCPOptions.parse(again.rawSpan)) == options, "written and read again")
        guard let segment = try? TCPView(bytes) else { return }
        check(segment.options.byteCount == segment.headerBytes - 20, "options end the header")
        let header = TCPHeader(segment)
        var rewritten = copy(bytes)
        var span = rewritten.mutableRawSpan
        header.write(to: &span)
        check(rewritten == copy(bytes), "a header written in its place changes no byte")
    }
}

func examineWalk(_ bytes: RawSpan) {
    var walk = TCPOptionWalk(bytes)
    var last = 0
    do throws(PacketError) {
        while let option = try walk.next() {
            check(option.dataStart >= last + 2, "options don't overlap")
            last = option.dataStart + option.dataBytes
            check(last <= bytes.byteCount, "an option ends inside")
            check(option.kind > TCPOption.noOperation, "padding is skipped")
        }
    } catch {
        check(error == .badOptions, "lengths are all that can be wrong")
    }
}
