// Bodies of requests, as the service compares them when an idempotency key comes again.

import ControlClient
import Testing

@Suite struct RequestBodyTests {
    @Test func `a body has its keys in order, in whichever process it is made`() throws {
        let client = try ControlClient(url: "http://127.0.0.1:1")
        let body = client.encode(
            API.Node.Creation(
                name: "node1", zone: "a", address: "127.0.0.11", operations: "127.0.0.11:8480"))
        let text = String(decoding: body, as: UTF8.self)
        let keys = ["address", "name", "operations", "zone"]
        let places = keys.map { text.firstRange(of: "\"\($0)\"")?.lowerBound }
        #expect(!places.contains(nil))
        #expect(places.compactMap(\.self) == places.compactMap(\.self).sorted())
    }
}
