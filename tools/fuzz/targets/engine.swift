// Engine: the input is a script of packets, valid ones and damaged, answers, time and new
// snapshots. After every turn the engine's invariants hold, no frame is lost, and what it sends is
// well formed, goes to a machine of the snapshot, and shows no inner address outside.

import Configuration
import Node
import Steering
import Translation
import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        var script = Script(bytes: copy(bytes))
        var run = EngineRun()
        while let step = script.next() { run.take(step, &script) }
        run.turn()
    }
}

/// Reads the input, byte by byte.
struct Script {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func byte() -> UInt8 { next() ?? 0 }
}

/// A datagram and its outer address at the other end.
struct FuzzDatagram {
    var machine: IPAddress
    var bytes: [UInt8]
}

struct EngineRun: ~Copyable {
    var engine: Engine
    var now = Tick.seconds(1_000)
    var batch: [FuzzDatagram] = []
    /// What went out last, for answers.
    var sent: [FuzzDatagram] = []

    init() {
        var settings = EngineSettings(
            node: NodeID(rawValue: 1), capacityFlows: 64, groupCapacity: 2, resourceCapacity: 8,
            frameCount: 64, frameBytes: 2048, parkingCapacity: 8, eventCapacity: 8,
            router: FuzzWorld.router)
        settings.peerCapacity = 4
        settings.isViewFixed = true
        engine = Engine(settings, snapshot: FuzzWorld.snapshot(variant: 0), seed: 0xF022)
    }

    mutating func take(_ step: UInt8, _ script: inout Script) {
        if step >= 0xF8 {
            takeSpecial(step, &script)
        } else {
            takePlain(step, &script)
        }
        if batch.count >= 32 { turn() }
    }

    /// What real networks send seldom: fragments, errors, packets given back, peers' batches.
    mutating func takeSpecial(_ step: UInt8, _ script: inout Script) {
        switch step {
        case 0xF8 where !sent.isEmpty:
            let index = Int(script.byte()) % sent.count
            add(FuzzWorld.error(about: sent[index], type: script.byte()), &script)
        case 0xF9:
            let whole = FuzzWorld.datagram(script.byte(), port: script.byte())
            let order = script.byte()
            for part in 0..<3 {
                add(FuzzWorld.fragment(of: whole, (part + Int(order)) % 3, order), &script)
            }
        case 0xFA where !sent.isEmpty:
            let index = Int(script.byte()) % sent.count
            add(FuzzWorld.givenBack(sent[index]), &script)
        case 0xFB:
            let bytes = (0..<script.byte()).map { _ in script.byte() }
            let machine = FuzzWorld.machines[1]
            batch.append(
                FuzzDatagram(machine: machine, bytes: [BatchHeader.firstByte] + bytes))
        default:
            now = now + UInt64(script.byte()) * 1_000_000
            engine.tick(now)
            drain()
        }
    }

    mutating func takePlain(_ step: UInt8, _ script: inout Script) {
        switch step % 8 {
        case 0...3: add(FuzzWorld.datagram(step / 8, port: script.byte()), &script)
        case 4 where !sent.isEmpty:
            let index = Int(script.byte()) % sent.count
            add(FuzzWorld.answer(sent[index], flags: script.byte()), &script)
        case 5: pass(seconds: UInt64(script.byte()))
        case 6:
            let table = ResourceTable(
                FuzzWorld.snapshot(variant: script.byte()),
                previous: engine.translator.resources)
            engine.apply(table)
        default: turn()
        }
    }

    /// Puts a datagram into the batch, damaged as the script says.
    mutating func add(_ datagram: FuzzDatagram?, _ script: inout Script) {
        guard var datagram else { return }
        let damage = script.byte()
        for _ in 0..<(damage & 3) where !datagram.bytes.isEmpty {
            let offset = Int(script.byte()) % datagram.bytes.count
            datagram.bytes[offset] = script.byte()
        }
        if damage & 4 != 0 {
            datagram.bytes = Array(datagram.bytes.prefix(Int(script.byte())))
        }
        if damage & 8 != 0, datagram.bytes.count > 44 {
            datagram.bytes =
                Array(datagram.bytes[..<44])
                + repaired(datagram.bytes.rawSpan.extracting(44...))
        }
        if damage & 16 != 0 { datagram.machine = FuzzWorld.machines[Int(damage >> 5)] }
        batch.append(datagram)
    }

    mutating func pass(seconds: UInt64) {
        now = now + seconds * 1_000_000_000
        for _ in 0..<4 {
            now = now + 10_000_000
            engine.tick(now)
            drain()
        }
        engine.checkInvariants()
    }

    mutating func turn() {
        let packets = batch.map { datagram -> Packet in
            Packet(
                frame: engine.frames.fill(datagram.bytes),
                start: UInt16(engine.frames.headroomBytes),
                length: UInt16(datagram.bytes.count), remote: datagram.machine)
        }
        // What would be said of it must not disturb what becomes of it.
        if let first = batch.first {
            _ = engine.explain(first.bytes.rawSpan, from: first.machine)
        }
        engine.handle(packets, at: now)
        engine.checkInvariants()
        if !engine.outgoing.isEmpty { sent.removeAll() }
        drain()
        check(engine.handOvers.isEmpty, "one engine hands nothing over")
        batch.removeAll()
    }

    mutating func drain() {
        for packet in engine.outgoing {
            let bytes = copy(engine.frames.bytes(of: packet))
            engine.frames.give(packet.frame)
            if bytes.first == BatchHeader.firstByte {
                check(FuzzWorld.machines[..<2].contains(packet.remote), "peers are nodes")
                continue
            }
            checkSent(bytes, to: packet.remote)
            sent.append(FuzzDatagram(machine: packet.remote, bytes: bytes))
        }
        engine.outgoing.removeAll()
        check(
            engine.frames.freeCount + engine.parkedCount == engine.frames.count,
            "a frame was lost")
    }

    func checkSent(_ bytes: [UInt8], to machine: IPAddress) {
        guard let (overlay, offset) = try? OverlayHeader.parse(bytes.rawSpan),
            let inner = try? PacketSummary.parse(bytes.rawSpan.extracting(offset...))
        else { return check(false, "what is sent is well formed") }
        check(FuzzWorld.machines.contains(machine), "it goes to a machine of the snapshot")
        check(bytes.count == offset + inner.totalBytes, "nothing stands behind it")
        guard overlay.origin == nil, overlay.vni == .outside, !overlay.marks.contains(.inbound)
        else { return }
        check(inner.tuple.source.isPublic, "an inner address left by the outside face")
    }
}

extension IPAddress {
    /// One of the EIPs.
    var isPublic: Bool {
        guard case .v4(let address) = self else { return false }
        return address.rawValue >> 8 == 0xCB_0071
    }
}

extension FramePool {
    mutating func fill(_ content: [UInt8]) -> UInt32 {
        guard let frame = take() else { fatalError("frames are given back") }
        var span = mutableBytes(frame, start: headroomBytes, count: content.count)
        span.store(content.rawSpan, at: 0)
        return frame
    }
}
