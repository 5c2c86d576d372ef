// Telling both ends of a TCP connection that it is over here. An end that isn't told goes on sending
// into nothing until it gives up.

import Configuration
import Translation
import Wire

extension Engine {
    /// Resets both ends of a flow that was ended, where that is due and their numbers are known.
    mutating func announce(_ ending: FlowEnding) {
        guard ending.translated.ipProtocol == .tcp, isAnnounced(ending) else { return }
        reset(.inbound, of: ending, at: ending.client)
        // Whoever has the address or port now must not be heard to end another's connections.
        guard ending.reason != .addressLost else { return }
        reset(.outbound, of: ending, at: ending.target)
    }

    private func isAnnounced(_ ending: FlowEnding) -> Bool {
        switch ending.reason {
        case .addressLost, .targetTerminated: return true
        // Nothing of it was delivered.
        case .returnTaken: return false
        case .idle: break
        }
        // RFC 5382 §5 (resets): an abandoned connection may be reset at both ends.
        guard translator.resources.resources[ending.resourceSlot].resetsOnExpiry else {
            return false
        }
        switch ending.state {
        case .tcpEstablished, .tcpClientClosing, .tcpTargetClosing: return true
        case .udp, .icmpQuery, .tcpOpening, .tcpClosing, .tcpTransitory, .quiet, .sticky, .lent:
            return false
        }
    }

    /// The RST that its receiver believes (RFC 5961 §3.2), as if the other end had sent it.
    private mutating func reset(
        _ direction: FlowDirection, of ending: FlowEnding, at attachment: Attachment
    ) {
        guard let numbers = ending.tracker.reset(from: direction),
            let machine = attachment.machine ?? translator.routerAddress
        else { return }
        let tuple = direction == .outbound ? ending.translated : ending.outbound.reversed
        let overlay = OverlayHeader(
            vni: attachment.vni, innerIsIPv4: tuple.source.isIPv4, bucket: ending.bucket,
            marks: direction == .outbound ? [] : .inbound, eni: attachment.eni,
            resource: ending.resource, listener: listenerIndex(ending))
        send(Reset(tuple, numbers), to: machine, overlay: overlay)
    }

    private func listenerIndex(_ ending: FlowEnding) -> UInt16 {
        let table = translator.resources
        guard table.resources[ending.resourceSlot].kind == .loadBalancer else { return 0 }
        let found = table.listener(of: ending.resourceSlot, for: ending.outbound)
        return found.map { table.listeners[$0].entry.index } ?? 0
    }
}
