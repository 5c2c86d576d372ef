// HKDF-SHA256 against the answers of RFC 5869, and what session keys are derived from.

import Testing
import Wire

@testable import Sealing

struct KeyDerivationTests {
    struct Answer: Sendable {
        let secret: [UInt8]
        let salt: [UInt8]
        let info: [UInt8]
        let key: [UInt8]
    }

    // RFC 5869 §2, with the answers of its appendix A.
    static let answers = [
        Answer(
            secret: [UInt8](repeating: 0x0B, count: 22), salt: Array(0x00...0x0C),
            info: Array(0xF0...0xF9),
            key: hex(
                """
                3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf\
                34007208d5b887185865
                """)),
        Answer(
            secret: Array(0x00...0x4F), salt: Array(0x60...0xAF), info: Array(0xB0...0xFF),
            key: hex(
                """
                b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c\
                59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71\
                cc30c58179ec3e87c14c01d5c1f3434f1d87
                """)),
        Answer(
            secret: [UInt8](repeating: 0x0B, count: 22), salt: [], info: [],
            key: hex(
                """
                8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d\
                9d201395faa4b61a96c8
                """)),
    ]

    @Test(arguments: KeyDerivationTests.answers)
    func `HKDF gives the RFC's answers`(answer: Answer) {
        let key = KeyDerivation.hkdf(
            secret: answer.secret, salt: answer.salt, info: answer.info,
            count: answer.key.count)
        #expect(key == answer.key)
    }

    // RFC 5869 §3.1.
    @Test func `both ends derive the same key, and the two directions differ`() {
        let ends = ChannelFixture()
        #expect(
            SessionKey(ends.key, from: ends.left, to: ends.right)
                == SessionKey(ends.key, from: ends.left, to: ends.right))
        #expect(
            SessionKey(ends.key, from: ends.left, to: ends.right)
                != SessionKey(ends.key, from: ends.right, to: ends.left))
    }

    @Test func `everything that a channel is made of is in its key`() {
        let ends = ChannelFixture()
        var others: [SessionKey] = []
        func add(_ change: (inout ChannelEnd) -> Void) {
            var end = ends.left
            change(&end)
            others.append(SessionKey(ends.key, from: end, to: ends.right))
            end = ends.right
            change(&end)
            others.append(SessionKey(ends.key, from: ends.left, to: end))
        }
        add { $0.address.node = NodeID(rawValue: 77) }
        add { $0.address.engine += 5 }
        add { $0.incarnation.counter += 1 }
        add { $0.incarnation.random += 1 }
        add { $0.nonce += 1 }
        others.append(SessionKey(ends.epoch(2), from: ends.left, to: ends.right))
        others.append(SessionKey(ends.key, from: ends.left, to: ends.right))
        #expect(Set(others).count == 12)
    }

    @Test func `an epoch's secret has 32 bytes`() {
        #expect(EpochKey(epoch: 1, bytes: [UInt8](repeating: 0, count: 31)) == nil)
        #expect(EpochKey(epoch: 1, bytes: [UInt8](repeating: 0, count: 32)) != nil)
    }
}
