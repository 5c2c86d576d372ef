// The messages between engines: what is written reads back, and each defect has its own name.

import Testing
import Wire

struct PeerMessageTests {
    static let id = LoanID(
        group: 1, bucket: BucketIndex(2),
        ballot: Ballot(generation: 3, number: 4, proposer: NodeID(rawValue: 5)), term: 6,
        counter: 7)
    static let destination = LoanDestination(
        resource: ResourceID(rawValue: 8),
        external: IPv6Address(mapping: IPv4Address(rawValue: 0xCB00_7101)),
        remote: IPv6Address(high: 9, low: 10), remotePort: Port(11), ipProtocol: .tcp,
        lender: BucketIndex(12))
    static let all: [PeerMessage] = [
        .loanRequest(LoanRequest(id: id, destination: destination)),
        .loanGrant(LoanGrant(id: id, destination: destination, port: Port(13))),
        .loanNone(LoanNone(id: id, lender: BucketIndex(14), cause: .noRoom)),
        .loanClosed(LoanClosed(id: id, use: .unused)),
    ]

    private func bytes(of message: PeerMessage) -> [UInt8] {
        written(message.byteCount) { message.write(to: &$0, at: 0) }
    }

    private func error(_ bytes: [UInt8]) -> PeerMessageError? {
        do throws(PeerMessageError) {
            try PeerMessage.check(bytes.rawSpan, from: 0)
            return nil
        } catch { return error }
    }

    @Test(arguments: all)
    func `a written message reads back as the same value`(message: PeerMessage) throws {
        let bytes = bytes(of: message)
        let (read, next) = try PeerMessage.parse(bytes.rawSpan, at: 0)
        #expect(read == message)
        #expect(next == bytes.count)
        #expect(bytes.count <= PeerMessage.maximumBytes)
    }

    @Test func `messages stand one after the other to the end`() throws {
        let bytes = Self.all.flatMap(self.bytes)
        var offset = 0
        var read: [PeerMessage] = []
        while offset < bytes.count {
            let (message, next) = try PeerMessage.parse(bytes.rawSpan, at: offset)
            if let message { read.append(message) }
            offset = next
        }
        #expect(read == Self.all)
        #expect(error(bytes) == nil)
    }

    @Test(arguments: all)
    func `every byte cut off is refused`(message: PeerMessage) {
        let bytes = bytes(of: message)
        for count in 1..<bytes.count {
            #expect(error(Array(bytes[..<count])) == .truncated, "\(count) bytes")
        }
    }

    @Test(arguments: all)
    func `a body shorter than its type's is refused, a longer one's end is skipped`(
        message: PeerMessage
    ) throws {
        var bytes = bytes(of: message)
        let body = UInt8(bytes.count - 4)
        bytes[3] = body - 1
        #expect(error(Array(bytes.dropLast())) == .badLength)
        bytes[3] = body + 2
        #expect(try PeerMessage.parse((bytes + [1, 2]).rawSpan, at: 0).message == message)
    }

    @Test func `an unknown type is refused, unless it says that it may be skipped`() {
        #expect(error([0x7F, 0, 0, 1, 0]) == .unknownType)
        #expect(error([0, 0, 0, 0]) == .unknownType)
        #expect(error([0xFF, 0, 0, 1, 0]) == nil)
        #expect(error([0xFF, 0, 0, 2, 0]) == .truncated)
    }

    @Test func `values that no sender writes are refused`() {
        func error(of message: PeerMessage, at offset: Int, count: Int) -> PeerMessageError? {
            var bytes = bytes(of: message)
            for index in offset..<offset + count { bytes[4 + index] = 0 }
            return self.error(bytes)
        }
        #expect(error(of: Self.all[0], at: 32, count: 8) == .badValue)
        #expect(error(of: Self.all[0], at: 16, count: 8) == .badValue)
        #expect(error(of: Self.all[0], at: 44, count: 8) == .badValue)
        #expect(error(of: Self.all[2], at: 46, count: 1) == .badValue)
        #expect(error(of: Self.all[3], at: 44, count: 1) == .badValue)
    }

    @Test func `a greeting reads back, and needs an engine`() throws {
        let greeting = Greeting(nonce: 1 << 60, engineCount: 4)
        let bytes = written(Greeting.byteCount) { greeting.write(to: &$0, at: 0) }
        #expect(try Greeting.parse(bytes.rawSpan, at: 0) == greeting)
        #expect(throws: PeerMessageError.truncated) { try Greeting.parse(bytes.rawSpan, at: 1) }
        let without = written(Greeting.byteCount) { _ in }
        #expect(throws: PeerMessageError.badValue) { try Greeting.parse(without.rawSpan, at: 0) }
    }
}
