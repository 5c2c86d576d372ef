// Opening the sockets of a UDP port: one that receives, in the reuse-port group of the node's
// engines, and several that only send. On failure nothing stays open.

internal import CLinux
internal import Glibc
internal import Wire

extension clinux_address {
    init(_ address: IPAddress, _ port: Port) {
        switch address {
        case .v4(let v4):
            self.init(high: 0, low: UInt64(v4.rawValue), port: port.rawValue, is_ipv4: true)
        case .v6(let v6):
            self.init(high: v6.high, low: v6.low, port: port.rawValue, is_ipv4: false)
        }
    }

    var address: IPAddress {
        is_ipv4
            ? .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: low)))
            : .v6(IPv6Address(high: high, low: low))
    }
}

/// A socket that closes itself until it is released to its owner.
struct OpeningSocket: ~Copyable {
    private let descriptor: Int32

    init(for address: IPAddress) throws(IOError) {
        descriptor = clinux_udp_socket(address.isIPv4)
        if descriptor < 0 { throw IOError(descriptor, operation: "open a UDP socket") }
    }

    deinit { _ = close(descriptor) }

    consuming func release() -> Int32 {
        let released = descriptor
        discard self
        return released
    }

    func bind(_ address: IPAddress, _ port: Port) throws(IOError) {
        let result = clinux_bind(descriptor, clinux_address(address, port))
        if result < 0 { throw IOError(result, binding: address, port) }
    }

    /// Runs one of the shim's functions on the socket and turns its result into an error.
    func set(_ operation: String, _ body: (Int32) -> Int32) throws(IOError) {
        let result = body(descriptor)
        if result < 0 { throw IOError(result, operation: operation) }
    }

    func boundPort() throws(IOError) -> Port {
        let result = clinux_bound_port(descriptor)
        if result < 0 { throw IOError(result, operation: "read a socket's port") }
        return Port(UInt16(result))
    }
}

/// Which socket of which engine is being opened.
struct SocketPlan {
    /// Where the bucket stands in the UDP payload: after the Geneve header (8 bytes) and the head
    /// of its first option (4 bytes), RFC 8926 §3.4.
    static let bucketOffset: UInt32 = 12

    let address: IPAddress
    let port: Port
    let engineIndex: Int
    let engineCount: Int
    let bufferBytes: Int

    /// The socket that receives, and the receive buffer that the kernel gave it.
    func openReceiver() throws(IOError) -> (descriptor: Int32, bufferBytes: Int) {
        if engineCount > 1, engineIndex == 0 { try checkUnused() }
        let socket = try OpeningSocket(for: address)
        var given = 0
        try socket.set("size a socket's buffers") {
            let result = clinux_size_buffers($0, Int32(bufferBytes), Int32(bufferBytes))
            given = Int(max(result, 0))
            return result
        }
        try socket.set("have overflows reported (SO_RXQ_OVFL)") { clinux_report_overflow($0) }
        try socket.set("have datagrams joined (UDP_GRO)") { clinux_join_received($0) }
        if engineCount > 1 { try joinGroup(socket) }
        try socket.bind(address, port)
        return (socket.release(), given)
    }

    /// A socket that only sends, from a port that the kernel chooses.
    // RFC 8926 §3.3 (checksum), §4.3: the kernel makes it, and is never told not to.
    func openSender() throws(IOError) -> Int32 {
        let socket = try OpeningSocket(for: address)
        try socket.set("close a sending socket's inlet") { clinux_receive_nothing($0) }
        try socket.set("size a socket's buffers") {
            min(clinux_size_buffers($0, 4096, Int32(bufferBytes)), 0)
        }
        try socket.bind(address, Port(0))
        return socket.release()
    }

    /// The group's filter belongs to the group: its first socket brings it.
    private func joinGroup(_ socket: borrowing OpeningSocket) throws(IOError) {
        try socket.set("share a port among engines (SO_REUSEPORT)") { clinux_share_port($0) }
        guard engineIndex == 0 else { return }
        try socket.set("give each engine its buckets (SO_ATTACH_REUSEPORT_CBPF)") {
            clinux_steer_group($0, Self.bucketOffset, UInt32(engineCount))
        }
    }

    // A shared port lets every process of the user join its group in silence, and take packets
    // that are not its own. A socket that doesn't share finds out first.
    private func checkUnused() throws(IOError) {
        let probe = try OpeningSocket(for: address)
        try probe.bind(address, port)
    }
}
