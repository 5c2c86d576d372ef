// AES-256-GCM against the answers that were submitted to NIST with the mode (McGrew and Viega, "The
// Galois/Counter Mode of Operation", appendix B, test cases 13 to 16).

import Testing
import Wire

@testable import Sealing

struct GCMCipherTests {
    struct Answer: Sendable {
        var key = [UInt8](repeating: 0, count: 32)
        var nonce: (fixed: UInt32, number: UInt64) = (0, 0)
        var header: [UInt8] = []
        var plain: [UInt8] = []
        var sealed: [UInt8] = []
        var tag: [UInt8]
    }

    private static let longKey = hex(
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
    private static let longPlain = hex(
        """
        d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
        1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255
        """)
    private static let longSealed = hex(
        """
        522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
        8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad
        """)
    static let answers = [
        Answer(tag: hex("530f8afbc74536b9a963b4f1c4cb738b")),
        Answer(
            plain: [UInt8](repeating: 0, count: 16),
            sealed: hex("cea7403d4d606b6e074ec5d3baf39d18"),
            tag: hex("d0d1c8a799996bf0265b98b5d48ab919")),
        Answer(
            key: longKey, nonce: (0xCAFE_BABE, 0xFACE_DBAD_DECA_F888), plain: longPlain,
            sealed: longSealed, tag: hex("b094dac5d93471bdec1a502270e3cc6c")),
        Answer(
            key: longKey, nonce: (0xCAFE_BABE, 0xFACE_DBAD_DECA_F888),
            header: hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
            plain: Array(longPlain.prefix(60)), sealed: Array(longSealed.prefix(60)),
            tag: hex("76fc6ece0f4e1768cddf8853bb2d551b")),
    ]

    // RFC 5116 §5.2.
    @Test(arguments: GCMCipherTests.answers)
    func `sealing and opening give NIST's answers`(answer: Answer) {
        let headerBytes = answer.header.count
        let length = headerBytes + answer.plain.count
        let nonce = GCMNonce(fixed: answer.nonce.fixed, number: answer.nonce.number)
        let key = SessionKey(bytes: answer.key)
        var bytes = answer.header + answer.plain + [UInt8](repeating: 0, count: 16)

        var sealing = GCMCipher(key, .seal)
        var span = bytes.mutableRawSpan
        sealing.seal(&span, headerBytes: headerBytes, length: length, nonce: nonce)
        #expect(bytes == answer.header + answer.sealed + answer.tag)

        var opening = GCMCipher(key, .open)
        span = bytes.mutableRawSpan
        let isGood = opening.open(
            &span, headerBytes: headerBytes, length: length, nonce: nonce)
        #expect(isGood)
        #expect(bytes.prefix(length) == (answer.header + answer.plain)[...])
    }
}
