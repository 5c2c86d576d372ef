// How long packets may be, as far as configuration says.

import Configuration
import Testing
import Wire

struct MTUTests {
    private func problems(overlayMTU: UInt16, edgeMTU: UInt16) -> [String] {
        var snapshot = Snapshot(version: 1, cluster: ClusterSettings(id: 7))
        snapshot.cluster.overlayMTU = overlayMTU
        snapshot.edges = [
            EdgeEntry(
                id: 1, name: "edge1", address: .v4(IPv4Address(192, 0, 2, 201)), mtu: edgeMTU)
        ]
        return snapshot.problems().filter { $0.contains("MTU") }
    }

    // RFC 8200 §5.
    @Test func `an MTU below 1280 is a problem`() {
        #expect(problems(overlayMTU: 1280, edgeMTU: 1280) == [])
        #expect(problems(overlayMTU: 1279, edgeMTU: 1500).count == 1)
        #expect(problems(overlayMTU: 8500, edgeMTU: 1279).count == 1)
    }

    // RFC 8926 §4.4.1 (options): outer IPv6, UDP, base header and the longest options.
    @Test func `the default leaves room for the longest options on links of 9000 bytes`() {
        let overlay = Int(ClusterSettings(id: 7).overlayMTU)
        #expect(overlay + 40 + 8 + 260 <= 9000)
    }
}
