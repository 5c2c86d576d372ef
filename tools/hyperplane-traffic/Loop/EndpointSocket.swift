// The socket of one emulated host or edge.

import LinuxIO
import Traffic
import Wire

/// A UDP port in a box, so that several stand in an array.
final class EndpointSocket {
    let address: IPAddress
    private var port: UDPPort

    /// `name`: of the host, edge or node, for the error.
    init(_ name: String, _ address: IPAddress) throws {
        self.address = address
        do {
            port = try UDPPort(address: address)
        } catch {
            throw RunFailure("\(name): no socket at \(address) port 6081: \(error)")
        }
    }

    var fileDescriptor: Int32 { port.fileDescriptor }
    var sourcePort: Port { port.sourcePorts[0] }

    func receive(into packets: inout [Packet], _ pool: inout FramePool, limit: Int) -> Int {
        port.receive(into: &packets, pool: &pool, limit: limit)
    }

    func send(_ packets: [Packet], _ pool: inout FramePool) { port.send(packets, pool: &pool) }

    /// Packets that this socket dropped, received or to be sent. A system call.
    func overflow() -> UInt64 {
        port.readOverflow()
        return port.counters.kernelOverflows + port.counters.droppedSends
            + port.counters.droppedOversized
    }
}
