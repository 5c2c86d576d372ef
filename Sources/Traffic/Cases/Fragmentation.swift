// Datagrams in pieces (RFC 791 §3.2): how a case cuts them, and the orders that a network brings
// them in.

import Wire

/// Makes what is sent out of a packet.
struct Fragmentation: Sendable {
    var pieces: @Sendable ([UInt8]) -> [[UInt8]]

    static let none = Fragmentation { [$0] }

    /// In `count` fragments of about the same size, in an order.
    static func into(_ count: Int, _ order: FragmentOrder = .inOrder) -> Fragmentation {
        Fragmentation { order.arranged(cut($0, count)) }
    }

    /// The fragments of `into`, changed in some way.
    static func into(
        _ count: Int, changed: @escaping @Sendable ([[UInt8]]) -> [[UInt8]]
    ) -> Fragmentation {
        Fragmentation { changed(cut($0, count)) }
    }

    /// Cuts a packet's payload into `count` parts, all but the last multiples of eight bytes.
    static func cut(_ packet: [UInt8], _ count: Int) -> [[UInt8]] {
        let payload = packet.count - IPv4Bytes.headerBytes(packet)
        let size = max(8, payload / count / 8 * 8)
        return (0..<count).map { index in
            let start = index * size
            let end = index == count - 1 ? payload : start + size
            return fragment(packet, start..<end, more: index < count - 1)
        }
    }

    /// The fragment with these bytes of a packet's payload.
    static func fragment(_ packet: [UInt8], _ range: Range<Int>, more: Bool) -> [UInt8] {
        let header = IPv4Bytes.headerBytes(packet)
        var bytes = Array(packet[..<header])
        bytes += packet[header + range.lowerBound..<header + range.upperBound]
        bytes.put(UInt16(bytes.count), at: 2)
        bytes.put(UInt16(range.lowerBound / 8) | (more ? 0x2000 : 0), at: 6)
        IPv4Bytes.sealHeader(&bytes)
        return bytes
    }
}

/// In which order fragments arrive.
enum FragmentOrder: String, Sendable, CaseIterable {
    case inOrder = "in order"
    case reversed
    case shuffled
    case withADuplicate = "with a duplicate"

    func arranged(_ pieces: [[UInt8]]) -> [[UInt8]] {
        switch self {
        case .inOrder: return pieces
        case .reversed: return pieces.reversed()
        case .shuffled:
            var random = SplitMix64(seed: 7)
            return pieces.shuffled(using: &random)
        case .withADuplicate: return [pieces[0]] + pieces
        }
    }
}

/// Puts the fragments that come to one end together again.
struct Reassembler: Sendable {
    private struct Datagram: Sendable {
        var name: [UInt8]
        var pieces: [(offset: Int, bytes: [UInt8])] = []
        var header: [UInt8] = []
        var length: Int?
        var isWhole = false

        /// Takes a piece. False if another came at its place, with other bytes.
        mutating func add(_ bytes: [UInt8], at offset: Int) -> Bool {
            if let known = pieces.first(where: { $0.offset == offset }) {
                return known.bytes == bytes
            }
            pieces.append((offset, bytes))
            return true
        }
    }

    private var datagrams: [Datagram] = []
    /// Whether fragments came that give different accounts of one datagram.
    private(set) var isContradicted = false

    /// What a fragment completes: the packet as if it had never been cut. Nil while bytes are
    /// missing, and for further copies of what has been given out.
    mutating func take(_ fragment: [UInt8]) -> [UInt8]? {
        // Protocol, identification, source and destination name a datagram.
        let name = [fragment[9]] + fragment[4..<6] + fragment[12..<20]
        let index = index(of: name)
        let start = IPv4Bytes.headerBytes(fragment)
        let word = fragment.uint16(at: 6)
        let offset = Int(word & 0x1FFF) * 8
        if !datagrams[index].add(Array(fragment[start...]), at: offset) { isContradicted = true }
        guard !datagrams[index].isWhole else { return nil }
        if offset == 0 { datagrams[index].header = Array(fragment[..<start]) }
        if word & 0x2000 == 0 { datagrams[index].length = offset + fragment.count - start }
        return whole(index)
    }

    private mutating func index(of name: [UInt8]) -> Int {
        if let index = datagrams.firstIndex(where: { $0.name == name }) { return index }
        datagrams.append(Datagram(name: name))
        return datagrams.count - 1
    }

    private mutating func whole(_ index: Int) -> [UInt8]? {
        guard let length = datagrams[index].length, !datagrams[index].header.isEmpty else {
            return nil
        }
        var payload: [UInt8] = []
        for piece in datagrams[index].pieces.sorted(by: { $0.offset < $1.offset }) {
            guard piece.offset == payload.count else { return nil }
            payload += piece.bytes
        }
        guard payload.count == length else { return nil }
        datagrams[index].isWhole = true
        var packet = datagrams[index].header + payload
        packet.put(UInt16(packet.count), at: 2)
        packet.put(UInt16(0), at: 6)
        IPv4Bytes.sealHeader(&packet)
        return packet
    }
}
