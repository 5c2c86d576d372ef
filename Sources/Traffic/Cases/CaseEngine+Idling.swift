// Flows that are left alone until their time is over.

import Configuration
import Wire

extension CaseEngine {
    /// A node's sweep may come so much later than the idle time's end.
    static let sweepNanoseconds: UInt64 = 4_000_000_000
    /// Timers longer than this are not waited for.
    static let longestIdleSeconds: UInt32 = 30

    /// The gateway's timer, in nanoseconds.
    func idle(_ state: IdleState) -> UInt64 {
        let timeouts = topology.services[service].timeouts
        let seconds =
            switch state {
            case .established: timeouts.tcpEstablishedSeconds
            case .opening: timeouts.tcpOpeningSeconds
            case .closing: timeouts.tcpClosingSeconds
            case .udp: timeouts.udpSeconds
            case .icmp: timeouts.icmpSeconds
            }
        return UInt64(seconds) * 1_000_000_000
    }

    /// Something came to an end of a connection that idles out: it must be a reset that the other
    /// end could have sent, not before its time, and one for each end.
    mutating func noteReset(
        _ packet: [UInt8], at end: End, _ index: Int, _ now: Tick, _ pool: inout FramePool
    ) {
        guard let view = trials[index].view(of: end) else { return }
        let start = IPv4Bytes.headerBytes(packet)
        guard packet[9] == IPProtocol.tcp.rawValue, packet.isOfANode,
            packet.address(at: 12) == view.address(of: end.other),
            packet.uint16(at: start) == view.port(of: end.other).rawValue,
            packet.uint16(at: start + 2) == view.port(of: end).rawValue
        else { return fail(index, "\(packet.summary) came out at the \(end), idle") }
        guard now - trials[index].entered + 500_000_000 >= idle(.established) else {
            return fail(index, "the \(end) was reset before its time")
        }
        guard !trials[index].resets.contains(end) else {
            return fail(index, "the \(end) was reset twice")
        }
        trials[index].resets.append(end)
        if trials[index].resets.count == 2 { advance(index, now, &pool) }
    }
}

extension Service {
    /// The longest of the timers that cases may wait for.
    var longestTimerSeconds: UInt32 {
        max(
            timeouts.tcpEstablishedSeconds, timeouts.tcpOpeningSeconds, timeouts.tcpClosingSeconds,
            timeouts.udpSeconds, timeouts.icmpSeconds)
    }
}
