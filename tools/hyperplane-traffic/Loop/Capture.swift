// Every datagram, in both directions, in a pcap file.

import LinuxIO
import Wire

struct Capture: ~Copyable {
    private var writer: CaptureWriter

    init(path: String) throws {
        writer = try RunFailure.wrapping { () throws(IOError) in try CaptureWriter(path: path) }
    }

    mutating func arrived(
        _ packets: [Packet], at socket: EndpointSocket, _ pool: borrowing FramePool
    ) throws {
        for packet in packets {
            try write(
                packet, pool, from: packet.remote, packet.remotePort,
                to: socket.address, .geneve)
        }
    }

    mutating func leaves(
        _ packets: [Packet], from socket: EndpointSocket, _ pool: borrowing FramePool
    ) throws {
        for packet in packets {
            try write(
                packet, pool, from: socket.address, socket.sourcePort,
                to: packet.remote, packet.remotePort)
        }
    }

    private mutating func write(
        _ packet: Packet, _ pool: borrowing FramePool, from source: IPAddress,
        _ sourcePort: Port, to destination: IPAddress, _ destinationPort: Port
    ) throws {
        do {
            try writer.write(
                pool.bytes(of: packet), source: source, sourcePort: sourcePort,
                destination: destination, destinationPort: destinationPort,
                epochMicroseconds: WallClock.epochMicroseconds())
        } catch { throw RunFailure("\(error)") }
    }
}
