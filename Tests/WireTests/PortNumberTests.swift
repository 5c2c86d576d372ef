// The ports of the encapsulations.

import Testing
import Wire

struct PortNumberTests {
    // RFC 8926 §3.3 (destination port), RFC 7348 §5.
    @Test func `the encapsulations have the ports that were assigned to them`() {
        #expect(Port.geneve == Port(6081))
        #expect(Port.vxlan == Port(4789))
    }
}
