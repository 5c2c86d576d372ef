// What the server or target of a case sees of its flow, from the first packet that reaches it.

import Steering
import Wire

extension CaseEngine {
    /// Takes up the translation of a flow's first packet. False if the gateway doesn't own it.
    mutating func learn(
        _ packet: [UInt8], _ expectation: CaseExpectation, _ index: Int
    ) -> Bool {
        guard trials[index].outside == nil || expectation.isAnew else { return true }
        let start = IPv4Bytes.headerBytes(packet)
        guard packet.count >= start + 8 else {
            fail(index, "\(packet.summary) has no ports")
            return false
        }
        guard let view = isBalanced ? balanced(packet, index) : translated(packet, index) else {
            fail(index, "\(packet.summary) came out, which is no translation of the resource's")
            return false
        }
        if trials[index].outside == nil { counters.established += 1 }
        trials[index].outside = view
        return true
    }

    /// The server's view of a flow through a NAT gateway; nil if it doesn't own the translation.
    private func translated(_ packet: [UInt8], _ index: Int) -> PacketView? {
        let start = IPv4Bytes.headerBytes(packet)
        var view = trials[index].inside
        view.client = packet.address(at: 12)
        let isICMP = packet[9] == IPProtocol.icmp.rawValue
        view.clientPort = Port(packet.uint16(at: isICMP ? start + 4 : start))
        view.clientRouter = view.client
        guard topology.services[service].eips.contains(view.client),
            topology.portSets.bucket(of: view.clientPort) != nil
        else { return nil }
        return view
    }
}
