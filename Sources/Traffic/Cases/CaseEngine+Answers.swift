// What nodes say for themselves to the sender of a packet: ICMP errors and resets.

import Wire

extension CaseEngine {
    /// Holds a packet that came back to a step's sender against the answer that it must be.
    mutating func judge(
        _ packet: [UInt8], _ answer: CaseAnswer, _ index: Int, _ now: Tick,
        _ pool: inout FramePool
    ) {
        guard let sent = trials[index].outstanding.first,
            let view = trials[index].view(of: sent.from)
        else { return }
        if let defect = defect(of: packet, answer, about: sent.bytes(view)) {
            return fail(index, "\(packet.summary) came back: \(defect)")
        }
        if answer.tellsMTU {
            let start = IPv4Bytes.headerBytes(packet)
            trials[index].learnMTU(Int(packet.uint16(at: start + 6)))
        }
        advance(index, now, &pool)
    }

    /// What is wrong with an answer; nil if nothing is.
    private func defect(
        of packet: [UInt8], _ answer: CaseAnswer, about sent: [UInt8]
    ) -> String? {
        guard IPv4Bytes.checksumsAreRight(packet) else { return "a checksum is wrong" }
        let start = IPv4Bytes.headerBytes(packet)
        guard let type = answer.type else {
            let isReset = packet[9] == IPProtocol.tcp.rawValue && packet.isOfANode
            return isReset ? nil : "it is no reset"
        }
        guard packet[9] == IPProtocol.icmp.rawValue, packet.count >= start + 36,
            packet[start] == type, packet[start + 1] == answer.code
        else { return "it is not \(answer.name)" }
        // RFC 792: the header and the first eight bytes of what was sent, as it was sent.
        let embedded = Array(packet[(start + 8)...])
        let header = IPv4Bytes.headerBytes(sent)
        guard embedded.count >= header + 8, embedded[..<8] == sent[..<8], embedded[9] == sent[9],
            embedded[12..<header + 4] == sent[12..<header + 4]
        else { return "it carries \(embedded.summary), which was not sent" }
        if answer.tellsMTU, !(576..<sent.count).contains(Int(packet.uint16(at: start + 6))) {
            return "it tells an MTU of \(packet.uint16(at: start + 6)), after \(sent.count) bytes"
        }
        return nil
    }
}

extension CaseAnswer {
    var name: String { type.map { "ICMP \($0)/\(code)" } ?? "reset" }
}
