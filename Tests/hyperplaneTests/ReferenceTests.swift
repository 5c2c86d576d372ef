// From what somebody wrote to the thing that is meant, or to an answer that helps.

import ControlClient
import Testing
import hyperplane

@Suite struct ReferenceTests {
    private let words = NounWords("a", "NAT gateway", "NAT gateways")
    private let candidates = [
        Candidate(id: Identifier(.natGateway, 1), name: "main", scope: "tenant acme"),
        Candidate(id: Identifier(.natGateway, 2), name: "main", scope: "tenant beta"),
        Candidate(
            id: Identifier(.natGateway, 3), name: "spare", aliases: ["203.0.113.1"],
            scope: "tenant acme"),
    ]

    private func choose(_ text: String) throws -> Identifier {
        try Reference(text, .natGateway, words).choose(among: candidates)
    }

    @Test func `a name or an alias that is unique is found`() throws {
        #expect(try choose("spare").rawValue == 3)
        #expect(try choose("203.0.113.1").rawValue == 3)
    }

    @Test func `an ambiguous name lists all that it may mean, with their ids`() {
        let failure = #expect(throws: Failure.self) { try choose("main") }
        #expect(failure?.status == .usage)
        #expect(
            failure?.text == """
                Error: 2 NAT gateways are called 'main'
                  Give the id of one, or --tenant:
                    main (nat-00000000000000001, tenant acme)
                    main (nat-00000000000000002, tenant beta)
                """)
    }

    @Test func `a misspelt name is answered with the one that was meant`() {
        let failure = #expect(throws: Failure.self) { try choose("spaer") }
        #expect(failure?.status == .notFound)
        #expect(
            failure?.text == """
                Error: there is no NAT gateway 'spaer'
                  Did you mean:
                    spare (nat-00000000000000003, tenant acme)
                """)
    }

    @Test func `a name like no other is answered with what there is, if that is little`() {
        let failure = #expect(throws: Failure.self) { try choose("zzzzzz") }
        #expect(failure?.advice.first == "There are:")
        #expect(failure?.advice.count == 4)
    }

    @Test func `a name where there is nothing says so`() {
        let failure = #expect(throws: Failure.self) {
            try Reference("x", .natGateway, words).choose(among: [])
        }
        #expect(failure?.advice == ["There are no NAT gateways."])
    }

    @Test func `an id is taken as such, and one of another noun refused`() throws {
        let good = Reference("nat-00000000000000009", .natGateway, words)
        #expect(try good.identifier()?.rawValue == 9)
        #expect(try Reference("main", .natGateway, words).identifier() == nil)
        let wrong = Reference("vpc-00000000000000009", .natGateway, words)
        let failure = #expect(throws: Failure.self) { try wrong.identifier() }
        #expect(failure?.status == .usage)
    }

    @Test func `the only one is meant where none is named`() throws {
        let only = try Reference.only(of: [candidates[2]], words, option: "--gateway")
        #expect(only.rawValue == 3)
        let many = #expect(throws: Failure.self) {
            try Reference.only(of: candidates, words, option: "--gateway")
        }
        #expect(many?.text.contains("--gateway") == true)
        let none = #expect(throws: Failure.self) {
            try Reference.only(of: [], words, option: "--gateway")
        }
        #expect(none?.status == .notFound)
    }
}

@Suite struct CandidatesTests {
    @Test(arguments: [
        ("main", "main", 0), ("mian", "main", 1), ("", "abc", 3), ("kitten", "sitting", 3),
        ("web", "", 3),
    ])
    func `edits are counted, an exchange of neighbours as one`(
        first: String, second: String, count: Int
    ) {
        #expect(Candidates.edits(from: first, to: second) == count)
        #expect(Candidates.edits(from: second, to: first) == count)
    }

    @Test func `the nearest come first, and what contains the word last`() {
        let names = ["web-2", "wab", "web-frontend", "database", "we"]
        #expect(Candidates.near("web", among: names) == ["wab", "we", "web-2", "web-frontend"])
    }

    @Test func `a word like none has no candidates`() {
        #expect(Candidates.near("zzz", among: ["main", "web"]).isEmpty)
    }
}
