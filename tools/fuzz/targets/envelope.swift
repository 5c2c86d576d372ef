// Envelope and LZ4Block: the input as an envelope, as the block behind a right header, and as a
// payload. What is opened is put back to the same, and never exceeds what was stated.

import Sealing
import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        let raw = copy(bytes)
        check((try? Envelope.open(raw)) == nil || raw.count >= 65536, "a class is needed")
        guard let sealed = Envelope.seal(raw, leastClass: .smallest) else { return }
        check((try? Envelope.open(sealed)) == raw, "sealed and opened again")
        // The input's first two bytes state a length, the rest is the block.
        guard raw.count > 2 else { return }
        let stated = Int(raw[0]) << 8 | Int(raw[1])
        let block = Array(raw[2...])
        let opened = try? LZ4Block.decompress(block, statedBytes: stated, boundBytes: 40_000)
        check(opened == nil || opened?.count == stated && stated <= 40_000, "as long as stated")
        guard let opened else { return }
        let again = try? LZ4Block.decompress(
            LZ4Block.compress(opened), statedBytes: stated, boundBytes: stated)
        check(again == opened, "compressed and decompressed again")
    }
}
