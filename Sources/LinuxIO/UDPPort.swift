// One engine's way to the network over UDP sockets: batches of packets in and out. It never blocks,
// allocates nothing after `init`, and every packet that it doesn't deliver is counted by name.

internal import CLinux
internal import Glibc
public import Wire

/// The sockets of one engine.
///
/// The engines of a node share address and port; a filter in the kernel gives each datagram to
/// engine `bucket mod engineCount`, and one that is too short to hold a bucket to engine 0. Open
/// the engines' ports in order of their index, before packets come.
/// Datagrams that a sender joined reach one engine together, so senders let the source port follow
/// the bucket's low bits; with an `engineCount` that divides their number of source ports, none
/// reaches the wrong engine.
/// Memory: about 2.2 MB for each port, reserved at `init`.
@safe
public struct UDPPort: ~Copyable {
    /// The address and port that it receives at.
    public let address: IPAddress
    public let port: Port
    /// The socket that receives: readable when packets wait. For `Poller`.
    public let fileDescriptor: Int32
    /// The receive buffer as the kernel accounts it, bookkeeping included.
    public let receiveBufferBytes: Int
    public internal(set) var counters = UDPCounters()

    let sendDescriptors: [Int32]
    let receiver: UnsafeMutablePointer<clinux_receiver>
    let staging: UnsafeMutableRawPointer
    var staged = StagedDatagrams()
    var lastOverflow: UInt32 = 0
    var batch = SendBatch()

    /// Opens the sockets of engine `engineIndex` of `engineCount`, with `sourcePorts` of them to
    /// send from (a power of two, 1 to 16). Port 0 has the kernel choose one, for one engine only.
    /// Buffers are as large as the kernel's limits allow, up to `bufferBytes`.
    /// Throws what the user can mend: an address in use or not of this machine, missing rights.
    public init(
        address: IPAddress, port: Port = .geneve, engineIndex: Int = 0, engineCount: Int = 1,
        sourcePorts: Int = 4, bufferBytes: Int = 1 << 26
    ) throws(IOError) {
        precondition(engineCount > 0 && (0..<engineCount).contains(engineIndex))
        precondition((1...16).contains(sourcePorts) && sourcePorts & (sourcePorts - 1) == 0)
        precondition(engineCount == 1 || port.rawValue != 0)
        precondition((1...1 << 30).contains(bufferBytes))
        let plan = SocketPlan(
            address: address, port: port, engineIndex: engineIndex, engineCount: engineCount,
            bufferBytes: bufferBytes)
        let opened = try plan.openReceiver()
        do throws(IOError) {
            sendDescriptors = try Self.openSenders(plan, count: sourcePorts)
        } catch {
            _ = close(opened.descriptor)
            throw error
        }
        self.address = address
        self.port = Port(UInt16(max(clinux_bound_port(opened.descriptor), 0)))
        fileDescriptor = opened.descriptor
        receiveBufferBytes = opened.bufferBytes
        let slots = clinux_receive_slots
        unsafe staging = .allocate(
            byteCount: slots * clinux_staging_stride, alignment: 4096)
        unsafe receiver = .allocate(capacity: 1)
        unsafe clinux_receiver_prepare(receiver, staging)
    }

    deinit {
        _ = close(fileDescriptor)
        for descriptor in sendDescriptors { _ = close(descriptor) }
        unsafe receiver.deallocate()
        unsafe staging.deallocate()
    }

    /// The ports that packets leave from, by `Packet.sourcePortIndex`.
    public var sourcePorts: [Port] {
        sendDescriptors.map { Port(UInt16(max(clinux_bound_port($0), 0))) }
    }

    private static func openSenders(
        _ plan: SocketPlan, count: Int
    ) throws(IOError) -> [Int32] {
        var descriptors: [Int32] = []
        do throws(IOError) {
            for _ in 0..<count { descriptors.append(try plan.openSender()) }
        } catch {
            for descriptor in descriptors { _ = close(descriptor) }
            throw error
        }
        return descriptors
    }
}
