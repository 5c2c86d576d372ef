// Reading and writing of the snapshot's primitive fields. The reader never trusts a length.

import Wire

/// What stands in a snapshot: reader and writer side by side.
protocol ByteCodable {
    func write(to writer: inout ByteWriter)
    init(from reader: inout ByteReader) throws(SnapshotError)
}

struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write<Integer: FixedWidthInteger & UnsignedInteger>(_ value: Integer) {
        for shift in stride(from: Integer.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> Integer(shift)))
        }
    }

    mutating func write(_ text: String) {
        let utf8 = Array(text.utf8.prefix(Int(UInt16.max)))
        write(UInt16(utf8.count))
        bytes += utf8
    }

    mutating func write(_ address: IPAddress) {
        write(address.mapped.high)
        write(address.mapped.low)
    }

    mutating func write<Element: ByteCodable>(_ list: [Element]) {
        write(UInt32(list.count))
        for element in list { element.write(to: &self) }
    }
}

struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    private mutating func integer<Integer: FixedWidthInteger & UnsignedInteger>(
        _: Integer.Type
    ) throws(SnapshotError) -> Integer {
        let size = Integer.bitWidth / 8
        guard rest.count >= size else { throw .torn }
        let value = rest.prefix(size).reduce(Integer(0)) { $0 << 8 | Integer($1) }
        rest = rest.dropFirst(size)
        return value
    }

    mutating func uint8() throws(SnapshotError) -> UInt8 {
        guard let byte = rest.popFirst() else { throw .torn }
        return byte
    }

    mutating func uint16() throws(SnapshotError) -> UInt16 { try integer(UInt16.self) }
    mutating func uint32() throws(SnapshotError) -> UInt32 { try integer(UInt32.self) }
    mutating func uint64() throws(SnapshotError) -> UInt64 { try integer(UInt64.self) }

    mutating func text() throws(SnapshotError) -> String {
        let count = Int(try uint16())
        guard rest.count >= count else { throw .torn }
        let text = String(decoding: rest.prefix(count), as: UTF8.self)
        rest = rest.dropFirst(count)
        return text
    }

    mutating func address() throws(SnapshotError) -> IPAddress {
        IPAddress(unmapping: IPv6Address(high: try uint64(), low: try uint64()))
    }

    mutating func list<Element: ByteCodable>(
        of _: Element.Type
    ) throws(SnapshotError) -> [Element] {
        let count = Int(try uint32())
        // Each element takes a byte at the least, so a forged count can't reserve memory.
        guard count <= rest.count else { throw .torn }
        var list: [Element] = []
        for _ in 0..<count { list.append(try Element(from: &self)) }
        return list
    }
}
