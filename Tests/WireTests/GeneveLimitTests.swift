// The longest options that a Geneve header can state.

import Testing
import Wire

struct GeneveLimitTests {
    /// A header with our first option and unknown ones up to `optionBytes`.
    private func datagram(optionBytes: Int) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(optionBytes / 4), 0x40, 0x08, 0x00, 0, 0, 100, 0]
        bytes += [0xFF, 0x48, 0x81, 1, 0, 7, 0, 0]
        while bytes.count < 8 + optionBytes {
            let data = min(8 + optionBytes - bytes.count - 4, 124)
            bytes += [0x01, 0x23, 0x45, UInt8(data / 4)] + [UInt8](repeating: 0xEE, count: data)
        }
        return bytes + [0x45] + [UInt8](repeating: 0, count: 19)
    }

    // RFC 8926 §3.5.1 (capability), §3.4 (options length), §3.5 (unknown).
    @Test(arguments: [8, 12, 36, 128, 248, 252])
    func `any length of options is read`(optionBytes: Int) throws {
        let bytes = datagram(optionBytes: optionBytes)
        let (header, innerOffset) = try OverlayHeader.parse(bytes.rawSpan)
        #expect(innerOffset == 8 + optionBytes)
        #expect(header.bucket == BucketIndex(7))
        #expect(header.vni == VNI(truncating: 100))
    }
}
