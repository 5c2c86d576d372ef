// An array of bytes as a span, so that code beside the packet path can read and write it with the
// loads and stores of this folder.

extension Array<UInt8> {
    /// The array's bytes, while it is borrowed.
    @inlinable
    public var rawSpan: RawSpan {
        @_lifetime(borrow self) get {
            // Proof: bytes have no padding.
            unsafe span.bytes
        }
    }

    /// The same, to write to.
    @inlinable
    public var mutableRawSpan: MutableRawSpan {
        @_lifetime(&self) mutating get {
            // Proof: an array of bytes owns one block of memory, made unique here; it stays where
            // it is while the span holds the exclusive access to `self`.
            let buffer = unsafe withUnsafeMutableBytes { unsafe $0 }
            let bytes = unsafe MutableRawSpan(_unsafeBytes: buffer)
            return unsafe _overrideLifetime(bytes, mutating: &self)
        }
    }
}
