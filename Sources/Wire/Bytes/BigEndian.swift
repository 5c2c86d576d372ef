// Network byte order, written once: loads from and stores to spans. Every access is checked
// against the span's bounds and traps outside; parsers check lengths first, so that they never do.

extension RawSpan {
    /// The byte at `offset`.
    @inlinable @inline(__always)
    public func uint8(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// Two bytes from `offset`, most significant first.
    @inlinable @inline(__always)
    public func bigEndianUInt16(at offset: Int) -> UInt16 {
        // Proof, here and below: the load is bounds-checked, and any bits are a valid integer.
        unsafe UInt16(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// Four bytes from `offset`, most significant first.
    @inlinable @inline(__always)
    public func bigEndianUInt32(at offset: Int) -> UInt32 {
        unsafe UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// Eight bytes from `offset`, most significant first.
    @inlinable @inline(__always)
    public func bigEndianUInt64(at offset: Int) -> UInt64 {
        unsafe UInt64(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The IPv4 address at `offset`.
    @inlinable @inline(__always)
    public func ipv4Address(at offset: Int) -> IPv4Address {
        IPv4Address(rawValue: bigEndianUInt32(at: offset))
    }

    /// The IPv6 address at `offset`.
    @inlinable @inline(__always)
    public func ipv6Address(at offset: Int) -> IPv6Address {
        IPv6Address(high: bigEndianUInt64(at: offset), low: bigEndianUInt64(at: offset + 8))
    }
}

extension MutableRawSpan {
    /// The byte at `offset`.
    @inlinable @inline(__always)
    public func uint8(at offset: Int) -> UInt8 { bytes.uint8(at: offset) }

    /// Two bytes from `offset`, most significant first.
    @inlinable @inline(__always)
    public func bigEndianUInt16(at offset: Int) -> UInt16 { bytes.bigEndianUInt16(at: offset) }

    /// Four bytes from `offset`, most significant first.
    @inlinable @inline(__always)
    public func bigEndianUInt32(at offset: Int) -> UInt32 { bytes.bigEndianUInt32(at: offset) }

    /// Eight bytes from `offset`, most significant first.
    @inlinable @inline(__always)
    public func bigEndianUInt64(at offset: Int) -> UInt64 { bytes.bigEndianUInt64(at: offset) }

    /// Writes one byte.
    @inlinable @inline(__always)
    public mutating func store(_ value: UInt8, at offset: Int) {
        storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
    }

    /// Writes two bytes, most significant first.
    @inlinable @inline(__always)
    public mutating func store(bigEndian value: UInt16, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
    }

    /// Writes four bytes, most significant first.
    @inlinable @inline(__always)
    public mutating func store(bigEndian value: UInt32, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// Writes eight bytes, most significant first.
    @inlinable @inline(__always)
    public mutating func store(bigEndian value: UInt64, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt64.self)
    }

    /// Writes an IPv4 address.
    @inlinable @inline(__always)
    public mutating func store(_ address: IPv4Address, at offset: Int) {
        store(bigEndian: address.rawValue, at: offset)
    }

    /// Writes an IPv6 address.
    @inlinable @inline(__always)
    public mutating func store(_ address: IPv6Address, at offset: Int) {
        store(bigEndian: address.high, at: offset)
        store(bigEndian: address.low, at: offset + 8)
    }

    /// Writes all of `source` from `offset` on.
    @inlinable
    public mutating func store(_ source: RawSpan, at offset: Int) {
        for index in 0..<source.byteCount {
            store(source.uint8(at: index), at: offset + index)
        }
    }
}
