// What errors become on the command line, and the forms of output for programs.

import ControlClient
import Foundation
import Testing
import hyperplane

@Suite struct FailureTests {
    private func failure(_ error: ControlError) throws -> Failure {
        let cluster = try ContextSelection(url: "http://127.0.0.1:8470").cluster { ContextsFile() }
        return Failure(error, from: cluster)
    }

    @Test func `a service that is down is named by its URL, with the way to another`() throws {
        let failure = try failure(
            .unreachable(url: "http://127.0.0.1:8470", cause: "connection refused"))
        #expect(failure.status == .unreachable)
        #expect(failure.message.contains("http://127.0.0.1:8470"))
        #expect(failure.text.contains("--url"))
        #expect(failure.text.contains("--context"))
    }

    @Test(arguments: [
        (400, 1), (404, 4), (409, 1), (500, 1), (503, 3),
    ])
    func `a refusal's HTTP status gives the exit status`(http: Int, status: Int32) throws {
        let document = ProblemDocument(
            status: http, code: "in-use", title: "In use", detail: "vpc-1 is in use",
            hint: "Delete those first.", conflicts: [Identifier(.natGateway, 1)])
        let failure = try failure(.problem(document))
        #expect(failure.status.rawValue == status)
        #expect(
            failure.text == """
                Error: vpc-1 is in use
                  Delete those first.
                """)
    }

    @Test func `the exit statuses never change`() {
        #expect(hyperplane.ExitStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4])
    }
}

@Suite struct OutputFormatTests {
    private struct Thing: Encodable {
        var age = 0.25
        var big = UInt64.max
        var isUp = true
        var list: [Int] = []
        var name: String
        var address: String
        var count: Int
        var missing: String?
    }

    private let thing = Thing(name: "no", address: "http://a/b", count: 3)

    @Test func `JSON has its keys in order and its slashes plain`() throws {
        #expect(
            try OutputFormat.json.text(of: thing) == """
                {
                  "address" : "http://a/b",
                  "age" : 0.25,
                  "big" : 18446744073709551615,
                  "count" : 3,
                  "isUp" : true,
                  "list" : [

                  ],
                  "name" : "no"
                }
                """)
    }

    @Test func `YAML keeps a text that looks like something else a text`() throws {
        #expect(
            try OutputFormat.yaml.text(of: thing) == """
                address: http://a/b
                age: 0.25
                big: 18446744073709551615
                count: 3
                isUp: true
                list: []
                name: 'no'
                """)
    }
}
