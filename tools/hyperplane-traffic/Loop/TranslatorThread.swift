// The perfect translator behind sockets of its own, in a thread of its own: what the generator can
// do with the kernel between, but without nodes.

import Configuration
import Foundation
import LinuxIO
import Synchronization
import Traffic
import Wire

/// Serves all nodes' addresses of a self-test until it is stopped.
final class TranslatorThread: Sendable {
    private let isStopping = Atomic(false)
    private let planted = Atomic(false)

    var faultIsPlanted: Bool { planted.load(ordering: .acquiring) }

    /// Opens the nodes' sockets and begins.
    func start(_ topology: Topology, capacity: Int, fault: Fault?) throws {
        let box = LoopBox(try TranslatorLoop.make(topology, capacity: capacity, fault: fault))
        let thread = Thread { [self] in
            guard var loop = box.take() else { return }
            while !isStopping.load(ordering: .relaxed) {
                loop.turn()
                if loop.faultIsPlanted { planted.store(true, ordering: .releasing) }
            }
        }
        thread.name = "translator"
        thread.start()
    }

    func stop() { isStopping.store(true, ordering: .relaxed) }
}

/// Carries the loop to its thread. Safe because it is filled before the thread starts, and emptied
/// once, by that thread.
private final class LoopBox: @unchecked Sendable {
    private var loop: TranslatorLoop?

    init(_ loop: consuming TranslatorLoop) { self.loop = consume loop }

    func take() -> TranslatorLoop? { loop.take() }
}

/// Receive, translate, send.
private struct TranslatorLoop: ~Copyable {
    private var translator: PerfectTranslator
    private var pool: FramePool
    private var poller: Poller
    private let sockets: [EndpointSocket]
    private let endpoints: [Endpoint]
    private var received: [Packet] = []
    private var translated: [Packet] = []

    static func make(
        _ topology: Topology, capacity: Int, fault: Fault?
    ) throws -> TranslatorLoop {
        let sockets = try topology.nodes.map { try EndpointSocket($0.name, $0.address) }
        let poller = try RunFailure.wrapping { () throws(IOError) in
            try Poller(descriptors: sockets.map(\.fileDescriptor))
        }
        return TranslatorLoop(
            translator: PerfectTranslator(topology, capacity: capacity, fault: fault),
            pool: FramePool(count: 8192, frameBytes: 10_240), poller: poller, sockets: sockets,
            endpoints: topology.endpoints)
    }

    private init(
        translator: consuming PerfectTranslator, pool: consuming FramePool,
        poller: consuming Poller, sockets: [EndpointSocket], endpoints: [Endpoint]
    ) {
        self.translator = translator
        self.pool = pool
        self.poller = poller
        self.sockets = sockets
        self.endpoints = endpoints
    }

    var faultIsPlanted: Bool { translator.faultIsPlanted }

    mutating func turn() {
        var isIdle = true
        for socket in sockets
        where socket.receive(into: &received, &pool, limit: 512) > 0 {
            isIdle = false
            for packet in received { forward(packet) }
            socket.send(translated, &pool)
            received.removeAll(keepingCapacity: true)
            translated.removeAll(keepingCapacity: true)
        }
        if isIdle { _ = poller.wait(timeoutMicroseconds: 10_000) }
    }

    private mutating func forward(_ packet: Packet) {
        var packet = packet
        guard let from = endpoints.firstIndex(where: { $0.address == packet.remote }),
            let to = translator.forward(packet, from: from, pool: &pool)
        else { return pool.give(packet.frame) }
        packet.remote = endpoints[to].address
        packet.remotePort = .geneve
        translated.append(packet)
    }
}
