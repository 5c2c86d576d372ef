// PeerMessage and Greeting: what is read can be written and reads the same; messages end inside the
// contents.

import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        if let greeting = try? Greeting.parse(bytes, at: 0) {
            let again = written(Greeting.byteCount) { greeting.write(to: &$0, at: 0) }
            check((try? Greeting.parse(again.rawSpan, at: 0)) == greeting, "a greeting reads back")
        }
        var offset = 0
        var isWhole = true
        while offset < bytes.byteCount {
            guard let (message, next) = try? PeerMessage.parse(bytes, at: offset) else {
                isWhole = false
                break
            }
            check(next > offset && next <= bytes.byteCount, "a message ends inside")
            if let message { checkReadsBack(message) }
            offset = next
        }
        check(((try? PeerMessage.check(bytes, from: 0)) != nil) == isWhole, "the check agrees")
    }
}

private func checkReadsBack(_ message: PeerMessage) {
    let again = written(message.byteCount) { message.write(to: &$0, at: 0) }
    check(again.count <= PeerMessage.maximumBytes, "every message fits in a batch")
    guard let (read, next) = try? PeerMessage.parse(again.rawSpan, at: 0) else {
        return check(false, "what was written is read")
    }
    check(read == message && next == again.count, "written and read again")
}
