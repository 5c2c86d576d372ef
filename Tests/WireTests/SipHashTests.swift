// SipHash-1-3 against the known answers of the reference implementation (key 00 01 .. 0f, input
// 00 01 ..): buckets and targets on every machine of a cluster hang on these bits.

import Testing
import Wire

struct SipHashTests {
    @Test(
        arguments: [
            (0, 0xABAC_0158_050F_C4DC), (1, 0x3690_9511_8D29_9A8E), (2, 0xCC4F_DD1A_7D90_8B66),
            (3, 0xF464_AEB2_6734_9C8C), (5, 0xC1D2_3632_99E4_1531),
        ] as [(Int, UInt64)])
    func `whole words give the known answers`(_ words: Int, _ answer: UInt64) {
        func word(_ index: Int) -> UInt64 {
            (0..<8).reduce(0) { $0 | UInt64(index * 8 + $1) << UInt64(8 * $1) }
        }
        var hash = SipHash13(key0: word(0), key1: word(1))
        for index in 0..<words { hash.combine(word(index)) }
        #expect(hash.finish() == answer)
    }
}
