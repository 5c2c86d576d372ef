// What stands on the wire between machines in these tests: an encapsulated packet and the outer
// address at its other end.

import Testing
import Wire

/// One datagram. Towards the node `machine` is its outer source, from the node its destination.
struct Datagram: Sendable {
    var machine: IPAddress
    var bytes: [UInt8]

    init(_ machine: IPAddress, bytes: [UInt8]) {
        self.machine = machine
        self.bytes = bytes
    }

    init(_ machine: IPAddress, _ overlay: OverlayHeader, _ inner: [UInt8]) {
        self.machine = machine
        let headerBytes =
            overlay.origin == nil ? OverlayHeader.byteCount : OverlayHeader.passedOnByteCount
        bytes = [UInt8](repeating: 0, count: headerBytes)
        var span = bytes.mutableRawSpan
        if overlay.origin == nil {
            overlay.write(to: &span)
        } else {
            overlay.writePassedOn(to: &span)
        }
        bytes += inner
    }

    /// The encapsulation. Traps if it is malformed: the engine sends no such thing.
    var overlay: OverlayHeader { try! OverlayHeader.parse(bytes.rawSpan).header }

    /// The inner packet's bytes.
    var inner: [UInt8] {
        get {
            Array(bytes[try! OverlayHeader.parse(bytes.rawSpan).innerOffset...])
        }
        set {
            let offset = try! OverlayHeader.parse(bytes.rawSpan).innerOffset
            bytes = Array(bytes[..<offset]) + newValue
        }
    }

    var summary: PacketSummary { try! PacketSummary.parse(inner.rawSpan) }
    var tuple: FlowTuple { summary.tuple }

    /// What the transport carries.
    var payload: [UInt8] {
        let summary = summary
        let start = summary.payloadOffset
        return Array(inner[start..<start + summary.payloadBytes])
    }

    var checksums: ChecksumVerdict { ChecksumVerdict.verify(inner.rawSpan, summary) }

    /// The datagram with another encapsulation.
    func with(_ change: (inout OverlayHeader) -> Void) -> Datagram {
        var overlay = overlay
        change(&overlay)
        return Datagram(machine, overlay, inner)
    }

    func from(_ machine: IPAddress) -> Datagram { Datagram(machine, bytes: bytes) }
}
