// Profiles: presets are sound, files say what is wrong with them.

import Foundation
import Testing
import Traffic

@Suite struct ProfileTests {
    private func decode(_ json: String) throws -> Profile {
        try JSONDecoder().decode(Profile.self, from: Data(json.utf8))
    }

    @Test func `presets are valid, and the same after a round trip`() throws {
        for preset in Profile.presets {
            #expect(preset.problems() == [])
            let data = try JSONEncoder().encode(preset)
            #expect(try JSONDecoder().decode(Profile.self, from: data) == preset)
        }
    }

    @Test func `a file changes its preset and keeps the rest`() throws {
        let profile = try decode(
            #"{"preset": "tcp", "sizes": "imix", "destinations": {"zipfExponent": 1.3}}"#)
        #expect(profile.protocols == Profile.tcp.protocols)
        #expect(profile.sizes == SizeShare.imix)
        #expect(profile.destinations.zipfExponent == 1.3)
        #expect(profile.destinations.count == Destinations().count)
    }

    @Test(arguments: [
        #"{"preset": "nothing"}"#, #"{"flows": 5}"#, #"{"sizes": "jumbo"}"#,
        #"{"destinations": {"zipf": 1}}"#, #"{"criteria": {"maximumLoss": 0}}"#,
        #"{"arrivals": "sometimes"}"#,
    ])
    func `a wrong key or name is an error`(text: String) {
        #expect(throws: DecodingError.self) { try decode(text) }
    }

    @Test func `values out of range are named`() {
        var profile = Profile()
        profile.sizes = [SizeShare(bytes: 20, weight: 1)]
        profile.protocols = ProtocolShares(udp: 0)
        profile.destinations.ports = []
        profile.patience.attempts = 0
        profile.requestIntervalMilliseconds = 0
        #expect(profile.problems().count == 5)
    }
}
