// Idle times as JSON, and the one time that earlier releases had for opening and closing flows.

import ControlClient
import Foundation
import Testing

private func decode<T: Decodable>(_ type: T.Type, _ text: String) throws -> T {
    try JSONDecoder().decode(type, from: Data(text.utf8))
}

@Test func `one time for opening and closing flows is read as both`() throws {
    let settings = try decode(API.TimeoutSettings.self, #"{"tcpTransitorySeconds":7}"#)
    #expect(settings == API.TimeoutSettings(tcpOpeningSeconds: 7, tcpClosingSeconds: 7))
    let mixed = try decode(
        API.TimeoutSettings.self, #"{"tcpTransitorySeconds":7,"tcpClosingSeconds":9}"#)
    #expect(mixed == API.TimeoutSettings(tcpOpeningSeconds: 7, tcpClosingSeconds: 9))
}

@Test func `what an older service understands is written beside`() throws {
    func fields(_ settings: API.TimeoutSettings) throws -> [String: Int] {
        try JSONDecoder().decode([String: Int].self, from: JSONEncoder().encode(settings))
    }
    #expect(
        try fields(.init(tcpOpeningSeconds: 7, tcpClosingSeconds: 7, udpSeconds: 3))
            == [
                "tcpOpeningSeconds": 7, "tcpClosingSeconds": 7, "tcpTransitorySeconds": 7,
                "udpSeconds": 3,
            ])
    #expect(try fields(.init(tcpOpeningSeconds: 7)) == ["tcpOpeningSeconds": 7])
    #expect(try fields(.init()).isEmpty)
}

@Test func `all idle times stand in an answer, or it is none`() throws {
    let whole = API.IdleTimeouts.rfc5382
    #expect(
        try JSONDecoder().decode(API.IdleTimeouts.self, from: JSONEncoder().encode(whole))
            == whole)
    #expect(throws: DecodingError.self) {
        try decode(API.IdleTimeouts.self, #"{"tcpTransitorySeconds":7,"udpSeconds":1}"#)
    }
}

@Test func `a word that is no choice is answered with those that are`() throws {
    let error = #expect(throws: DecodingError.self) {
        try decode([API.TargetAlgorithm].self, #"["round-robin"]"#)
    }
    guard case .dataCorrupted(let context)? = error else {
        Issue.record("\(String(describing: error))")
        return
    }
    #expect(context.debugDescription == #""round-robin" is not flow-hash or least-flows"#)
}
