// AES-256-GCM (NIST SP 800-38D) under one key, in place. The key is expanded once; sealing and
// opening allocate nothing.

import COpenSSL
import Wire

/// The owner of one cipher context: one key, one direction.
@safe
struct GCMCipher: ~Copyable {
    static let tagBytes = 16
    static let nonceBytes = 12

    enum Direction: CInt {
        case open = 0
        case seal = 1
    }

    // Proof for every `unsafe` use: made in `init`, freed in `deinit`, never handed out.
    private let context: OpaquePointer
    private let direction: Direction

    init(_ key: SessionKey, _ direction: Direction) {
        guard let context = unsafe EVP_CIPHER_CTX_new() else {
            preconditionFailure("no memory for a cipher")
        }
        unsafe self.context = context
        self.direction = direction
        let isReady = unsafe EVP_CipherInit_ex(
            context, EVP_aes_256_gcm(), nil, key.bytes, nil, direction.rawValue)
        precondition(isReady == 1, "OpenSSL has no AES-256-GCM")
    }

    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    /// Seals `bytes[headerBytes..<length]` in place and writes the tag at `length`;
    /// `bytes[..<headerBytes]` is authenticated with it.
    mutating func seal(
        _ bytes: inout MutableRawSpan, headerBytes: Int, length: Int, nonce: GCMNonce
    ) {
        precondition(direction == .seal)
        Self.checkBounds(bytes.byteCount, headerBytes, length)
        let isDone = unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return false }
            let tag = unsafe base + length
            // Proof: `checkBounds` has seen that the tag's bytes are there.
            return unsafe process(base, headerBytes, length, nonce) && finish(base)
                && EVP_CIPHER_CTX_ctrl(
                    context, EVP_CTRL_AEAD_GET_TAG, CInt(Self.tagBytes), tag) == 1
        }
        // Sealing has no bad input; and what isn't sealed must not be sent.
        precondition(isDone, "OpenSSL cannot seal")
    }

    /// Opens what `seal` made. False if a bit of it, or the nonce, is another; what
    /// `bytes[headerBytes...]` then holds is not to be read.
    mutating func open(
        _ bytes: inout MutableRawSpan, headerBytes: Int, length: Int, nonce: GCMNonce
    ) -> Bool {
        precondition(direction == .open)
        Self.checkBounds(bytes.byteCount, headerBytes, length)
        return unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return false }
            let tag = unsafe base + length
            return unsafe process(base, headerBytes, length, nonce)
                && EVP_CIPHER_CTX_ctrl(
                    context, EVP_CTRL_AEAD_SET_TAG, CInt(Self.tagBytes), tag) == 1
                && finish(base)
        }
    }

    private static func checkBounds(_ byteCount: Int, _ headerBytes: Int, _ length: Int) {
        precondition(headerBytes >= 0 && headerBytes <= length && length <= 1 << 30)
        precondition(length <= byteCount - tagBytes, "no room for the tag")
    }

    /// The nonce, the authenticated header, and the contents over themselves.
    // Proof: `base` has `length` bytes and a tag after them, and the cipher writes as many bytes
    // as it reads.
    private func process(
        _ base: UnsafeMutableRawPointer, _ headerBytes: Int, _ length: Int, _ nonce: GCMNonce
    ) -> Bool {
        let isReady = unsafe nonce.withBytes { bytes in
            unsafe EVP_CipherInit_ex(context, nil, nil, nil, bytes, -1) == 1
        }
        guard isReady else { return false }
        let bytes = unsafe base.assumingMemoryBound(to: UInt8.self)
        var count: CInt = 0
        if headerBytes > 0 {
            let isTaken = unsafe EVP_CipherUpdate(
                context, nil, &count, bytes, CInt(headerBytes))
            guard isTaken == 1 else { return false }
        }
        let contents = CInt(length - headerBytes)
        guard contents > 0 else { return true }
        let start = unsafe bytes + headerBytes
        let isDone = unsafe EVP_CipherUpdate(context, start, &count, start, contents)
        return isDone == 1 && count == contents
    }

    /// Ends a message; when opening, compares the tag. Counter mode leaves no bytes to write.
    private func finish(_ base: UnsafeMutableRawPointer) -> Bool {
        var count: CInt = 0
        let bytes = unsafe base.assumingMemoryBound(to: UInt8.self)
        return unsafe EVP_CipherFinal_ex(context, bytes, &count) == 1 && count == 0
    }
}

/// 96 bits that are used once per key.
struct GCMNonce {
    private var bytes: (UInt32, UInt32, UInt32)

    init(fixed: UInt32, number: UInt64) {
        bytes = (
            fixed.bigEndian, UInt32(truncatingIfNeeded: number >> 32).bigEndian,
            UInt32(truncatingIfNeeded: number).bigEndian
        )
    }

    /// A batch's: the number alone, since each direction has its own key.
    init(batch number: UInt64) { self.init(fixed: 0, number: number) }

    func withBytes<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        // Proof: three UInt32 have 12 bytes without padding, and any bytes are valid UInt8.
        unsafe withUnsafeBytes(of: bytes) { buffer in
            unsafe body(buffer.baseAddress!.assumingMemoryBound(to: UInt8.self))
        }
    }
}
