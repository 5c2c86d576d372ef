// What every fuzz target is compiled with: libFuzzer's bytes as a span, and the check that ends
// the run with the property that failed.

import Wire

/// Runs `body` on libFuzzer's bytes. They live for the call.
func withInput(_ data: UnsafePointer<UInt8>?, _ size: Int, _ body: (RawSpan) -> Void) -> CInt {
    let buffer = unsafe UnsafeRawBufferPointer(start: data, count: size)
    let bytes = unsafe RawSpan(_unsafeBytes: buffer)
    body(bytes)
    return 0
}

/// Ends the run if a property doesn't hold.
func check(_ holds: Bool, _ property: @autoclosure () -> String) {
    if !holds { fatalError("property violated: " + property()) }
}

/// A copy of a span's bytes.
func copy(_ bytes: RawSpan) -> [UInt8] {
    (0..<bytes.byteCount).map { bytes.uint8(at: $0) }
}

/// `count` zero bytes that `body` has written to.
func written(_ count: Int, _ body: (inout MutableRawSpan) -> Void) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableRawSpan
    body(&span)
    return bytes
}

/// The bytes with the IPv4 header's checksum made right, where there is such a header: else the
/// fuzzer would hardly get past it.
func repaired(_ bytes: RawSpan) -> [UInt8] {
    var result = copy(bytes)
    guard let view = try? IPv4View(bytes) else { return result }
    let end = view.headerBytes
    var span = result.mutableRawSpan
    span.store(bigEndian: 0 as UInt16, at: 10)
    let sum = InternetChecksum.sum(span, from: 0, count: end)
    span.store(bigEndian: InternetChecksum.fold(sum), at: 10)
    return result
}
