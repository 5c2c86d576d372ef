// RFC 5869: HKDF with SHA-256, from one secret to keys that say nothing of each other.

import COpenSSL

/// HKDF-SHA256.
enum KeyDerivation {
    /// `count` bytes derived from `secret`, 8160 at the most. `info` tells the uses of one secret
    /// apart. Allocates; not for the packet path.
    // RFC 5869 §2: extract with the salt, then expand with the info.
    static func hkdf(secret: [UInt8], salt: [UInt8], info: [UInt8], count: Int) -> [UInt8] {
        precondition(!secret.isEmpty && (1...8160).contains(count))
        var key = [UInt8](repeating: 0, count: count)
        var length = count
        // Proof: every pointer goes with its array's count, and the library keeps none of them.
        let isDone = unsafe withContext { context in
            unsafe EVP_PKEY_derive_init(context) > 0
                && EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) > 0
                && EVP_PKEY_CTX_set1_hkdf_salt(context, salt, CInt(salt.count)) > 0
                && EVP_PKEY_CTX_set1_hkdf_key(context, secret, CInt(secret.count)) > 0
                && EVP_PKEY_CTX_add1_hkdf_info(context, info, CInt(info.count)) > 0
                && EVP_PKEY_derive(context, &key, &length) > 0
        }
        // Only a library without SHA-256, or no memory, can fail here.
        precondition(isDone && length == count, "OpenSSL cannot derive a key")
        return key
    }

    private static func withContext(_ body: (OpaquePointer) -> Bool) -> Bool {
        guard let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nil) else { return false }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        return unsafe body(context)
    }
}
