// The text form of identifiers, and all that only looks like one.

import ControlClient
import FoundationEssentials
import Testing

@Test func `an identifier is its prefix, a zero and sixteen digits`() {
    #expect(Identifier(.natGateway, 0x0123_4567_89AB_CDEF).description == "nat-00123456789abcdef")
    #expect(Identifier(.eip, 1).description == "eipalloc-00000000000000001")
    #expect(Identifier(.tenant, .max).description == "ten-0ffffffffffffffff")
}

@Test func `every identifier is read back as it was written`() {
    for kind in IdentifierKind.allCases {
        for value in [0, 1, 0x8000_0000_0000_0000, .max, UInt64.random(in: .min ... .max)] {
            let id = Identifier(kind, value)
            #expect(Identifier(id.description) == id)
            #expect(Identifier(id.description, as: kind) == id)
        }
    }
    #expect(Identifier("vpc-00123456789abcdef", as: .node) == nil)
}

@Test(arguments: [
    "", "nat", "nat-", "nat-0", "nat-10123456789abcdef", "nat-0123456789abcdef",
    "nat-000123456789abcdef", "nat-00123456789ABCDEF", "nat-00123456789abcdeg",
    "NAT-00123456789abcdef", "cat-00123456789abcdef", "nat-00123456789abcdef ",
    "nat-0-123456789abcdef", "nat-0+123456789abcdef", "-00123456789abcdef",
])
func `what is not an identifier is none`(text: String) {
    #expect(Identifier(text) == nil)
}

@Test func `an identifier is a text in JSON`() throws {
    let id = Identifier(.loadBalancer, 7)
    let bytes = try JSONEncoder().encode([id])
    #expect(String(decoding: bytes, as: UTF8.self) == "[\"lb-00000000000000007\"]")
    #expect(try JSONDecoder().decode([Identifier].self, from: bytes) == [id])
    #expect(throws: DecodingError.self) {
        try JSONDecoder().decode([Identifier].self, from: Data("[\"lb-7\"]".utf8))
    }
}
