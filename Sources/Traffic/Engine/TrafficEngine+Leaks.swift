// The check that stands over every run: no packet with an inner source address leaves by the
// outside face (DESIGN part 5, invariant 5).

import Wire

extension TrafficEngine {
    /// Counts a packet that arrived at an edge with a source address of a VPC, even one in which
    /// nothing else can be read.
    mutating func noteLeak(_ bytes: RawSpan, at endpoint: Int) {
        if topology.endpoints[endpoint].role == .edge, topology.isLeak(bytes) {
            counters.leaked += 1
        }
    }
}

extension Topology {
    /// Whether a datagram's inner packet has a source address of a VPC of the resources that are
    /// driven.
    func isLeak(_ bytes: RawSpan) -> Bool {
        guard let innerOffset = try? OverlayHeader.parse(bytes).innerOffset else { return false }
        let inner = bytes.extracting(innerOffset..<bytes.byteCount)
        guard inner.byteCount > 0 else { return false }
        let source: IPAddress
        switch inner.uint8(at: 0) >> 4 {
        case 4 where inner.byteCount >= 20: source = .v4(inner.ipv4Address(at: 12))
        case 6 where inner.byteCount >= 40: source = .v6(inner.ipv6Address(at: 8))
        default: return false
        }
        return services.contains { $0.vpcPrefix.contains(source) }
    }
}
