// What happened, one line an event, in fixed columns; and the hash of all of it, by which two runs of a
// seed are the same or not. Lines are only written where they are wanted: on a terminal, or at
// the end, the last of them, when something is wrong.

import Wire

/// What a line tells.
enum LogKind: UInt8, Sendable, BitwiseCopyable {
    case sent, lost, cut, doubled, arrived, dropped, started, crashed, paused, woke, clogged
    case severed, applied, changed, learned, opened, ended, calm, demand, drained, spared, gone

    var name: String { "\(self)" }
}

/// One event, before it is text.
struct LogEntry: Sendable {
    var at: Moment
    var kind: LogKind
    var from: Int
    var to: Int
    /// Of a datagram; empty otherwise.
    var bytes: [UInt8]
    /// What the event says beside that.
    var value: UInt64
}

/// The log of a run.
struct RunLog {
    private(set) var events: UInt64 = 0
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var last: [LogEntry] = []
    private var position = 0
    private let capacity = 96
    /// Takes each line as it happens.
    var sink: ((String) -> Void)?

    /// The hash of all events so far.
    var hash: UInt64 { state }

    mutating func add(_ entry: LogEntry, _ world: World) {
        events += 1
        mix(entry.at.nanoseconds)
        mix(
            UInt64(entry.kind.rawValue) << 48 | UInt64(truncatingIfNeeded: entry.from) << 24
                & 0xFFFF_FF00_0000 | UInt64(truncatingIfNeeded: entry.to) & 0xFF_FFFF)
        mix(entry.value)
        mix(entry.bytes)
        if last.count < capacity {
            last.append(entry)
        } else {
            last[position] = entry
            position = (position + 1) % capacity
        }
        sink?(entry.line(world))
    }

    /// A line that tells no event.
    func remark(_ line: String) { sink?(line) }

    /// The last lines, oldest first.
    func lastLines(_ world: World) -> [String] {
        (last[position...] + last[..<position]).map { $0.line(world) }
    }

    private mutating func mix(_ word: UInt64) {
        let product = (state ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        state = product.high ^ product.low &+ 0x2545_F491_4F6C_DD1D
    }

    private mutating func mix(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        let span = bytes.rawSpan
        var offset = 0
        while offset + 8 <= span.byteCount {
            mix(span.bigEndianUInt64(at: offset))
            offset += 8
        }
        var rest = UInt64(span.byteCount)
        while offset < span.byteCount {
            rest = rest << 8 | UInt64(span.uint8(at: offset))
            offset += 1
        }
        mix(rest)
    }
}

extension LogEntry {
    /// Time, event, from, to, bytes, what it was.
    func line(_ world: World) -> String {
        let columns = [
            "\(at)", Column.left(kind.name, 8), Column.left(name(from, world), 6),
            Column.left(name(to, world), 6), Column.right(bytes.isEmpty ? "" : "\(bytes.count)", 5),
            detail,
        ]
        var line = columns.joined(separator: " ")
        while line.last == " " { line.removeLast() }
        return line
    }

    private func name(_ machine: Int, _ world: World) -> String {
        machine < 0 ? "-" : world.name(of: machine)
    }

    private var detail: String {
        guard !bytes.isEmpty else { return value == 0 ? "" : "\(value)" }
        let span = bytes.rawSpan
        if span.uint8(at: 0) == BatchHeader.firstByte { return BatchText.line(span) }
        guard let packet = ReadPacket(span) else { return "malformed" }
        let overlay = packet.overlay
        let marks = overlay.marks.contains(.inbound) ? "in" : "out"
        let flow = packet.flow.map { "f\($0)" } ?? "-"
        let leg = overlay.marks.leg == .none ? "" : " \(overlay.marks.leg)"
        let flags = packet.summary.kind == .tcp ? " \(Self.text(packet.summary.tcpFlags))" : ""
        return "b\(overlay.bucket.rawValue) \(marks)\(leg) \(flow) \(packet.summary.tuple)\(flags)"
    }

    private static func text(_ flags: TCPFlags) -> String {
        let names: [(TCPFlags, String)] = [
            (.syn, "S"), (.fin, "F"), (.rst, "R"), (.psh, "P"), (.ack, "A"),
        ]
        return names.filter { flags.contains($0.0) }.map(\.1).joined()
    }
}
