// LZ4's block format over whole buffers. A block doesn't say how long it was: whoever stores one
// states the length beside it, and the reader here believes neither.

import CLZ4
import Wire

/// Why bytes are not a block of the stated length.
public enum LZ4Error: Error, Hashable, Sendable {
    /// The stated length is above the reader's bound. Nothing was reserved for it.
    case aboveBound(statedBytes: Int, boundBytes: Int)
    /// No block of so few bytes could be so long, so it is not even tried.
    case impossibleLength(statedBytes: Int, blockBytes: Int)
    /// The block is damaged, or longer than stated.
    case damaged
    /// An intact block of another length.
    case otherLength(statedBytes: Int, foundBytes: Int)
}

/// Compresses and decompresses single blocks.
public enum LZ4Block {
    /// Longest input: a quarter of what the library takes, so that no sum below overflows.
    public static let maximumBytes = 1 << 29

    /// A byte of a block stands for 255 bytes at the most (its length bytes), but for what the
    /// first token and the last literals add.
    static let maximumExpansion = 255
    static let expansionSlackBytes = 64

    /// Room that a block of `count` bytes may need.
    public static func worstCaseBytes(of count: Int) -> Int { count + count / 255 + 16 }

    /// Compresses `source` into `block` and gives the block's length, or nil if it doesn't fit
    /// there: incompressible data grows by `worstCaseBytes`. Allocates nothing.
    public static func compress(_ source: RawSpan, into block: inout MutableRawSpan) -> Int? {
        precondition(source.byteCount <= maximumBytes)
        let room = CInt(clamping: block.byteCount)
        // Proof: the library reads `source.byteCount` bytes and writes `room` at the most.
        let count = unsafe source.withUnsafeBytes { from in
            unsafe block.withUnsafeMutableBytes { to in
                unsafe LZ4_compress_default(
                    from.baseAddress, to.baseAddress, CInt(from.count), room)
            }
        }
        return count > 0 ? Int(count) : nil
    }

    /// Decompresses `block` into `result`, and gives the length that came out; nil if the block is
    /// damaged or longer than `result`. What `result` then holds is not to be read. Allocates
    /// nothing.
    public static func decompress(_ block: RawSpan, into result: inout MutableRawSpan) -> Int? {
        guard block.byteCount <= Int(CInt.max) else { return nil }
        let room = CInt(clamping: result.byteCount)
        // Proof: the "safe" reader checks every read and write against the two lengths.
        let count = unsafe block.withUnsafeBytes { from in
            unsafe result.withUnsafeMutableBytes { to in
                unsafe LZ4_decompress_safe(
                    from.baseAddress, to.baseAddress, CInt(from.count), room)
            }
        }
        return count >= 0 ? Int(count) : nil
    }
}

extension LZ4Block {
    /// The block of `bytes`.
    public static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: worstCaseBytes(of: bytes.count))
        var span = block.mutableRawSpan
        guard let count = compress(bytes.rawSpan, into: &span) else {
            preconditionFailure("the worst case fits")
        }
        block.removeLast(block.count - count)
        return block
    }

    /// The `statedBytes` bytes that `block` stands for. `boundBytes` is the most that the caller
    /// is ready to hold, whatever is stated; memory is reserved only for a length that the block
    /// could have.
    public static func decompress(
        _ block: [UInt8], statedBytes: Int, boundBytes: Int
    ) throws(LZ4Error) -> [UInt8] {
        guard statedBytes <= min(boundBytes, maximumBytes) else {
            throw .aboveBound(statedBytes: statedBytes, boundBytes: boundBytes)
        }
        let (most, overflow) = block.count.multipliedReportingOverflow(by: maximumExpansion)
        guard statedBytes >= 0, overflow || statedBytes <= most + expansionSlackBytes else {
            throw .impossibleLength(statedBytes: statedBytes, blockBytes: block.count)
        }
        var bytes = [UInt8](repeating: 0, count: statedBytes)
        var span = bytes.mutableRawSpan
        guard let count = decompress(block.rawSpan, into: &span) else { throw .damaged }
        guard count == statedBytes else {
            throw .otherLength(statedBytes: statedBytes, foundBytes: count)
        }
        return bytes
    }
}
