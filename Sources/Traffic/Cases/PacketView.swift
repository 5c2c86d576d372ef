// The addresses of a case's flow, as one side of the gateway sees them. A packet is described once,
// as a function of this: what the other side must get is the same function of its own view.

import Wire

/// One side's names for the two ends of a flow and for a router before each.
struct PacketView: Hashable, Sendable {
    var client: IPv4Address
    /// TCP's or UDP's port, or the identifier of an ICMP query.
    var clientPort: Port
    var server: IPv4Address
    var serverPort: Port
    /// On the client's side of the gateway; outside, the gateway's own address stands for it.
    var clientRouter: IPv4Address
    var serverRouter: IPv4Address
    /// What a node has said that the way ahead carries, once it has.
    var pathMTU = 0
    /// Drawn for each flow; both ends number their bytes from it.
    var sequence: UInt32 = 0
    /// All flows of this kind go to one port: a listener's.
    var sharesServerPort = false

    /// A flow that nobody has begun, beside this one.
    var stranger: PacketView {
        var view = self
        view.clientPort = Port(clientPort.rawValue ^ 1)
        if serverPort.rawValue != 0, !sharesServerPort {
            view.serverPort = Port(serverPort.rawValue ^ 1)
        }
        return view
    }

    func address(of end: End) -> IPv4Address { end == .client ? client : server }
    func port(of end: End) -> Port { end == .client ? clientPort : serverPort }
    func router(of end: End) -> IPv4Address { end == .client ? clientRouter : serverRouter }
}

/// The two ends of a flow: an instance inside, a server outside.
enum End: Sendable {
    case client
    case server

    var other: End { self == .client ? .server : .client }
}
