// The last good snapshot on disk. Written beside and renamed over, so that a crash leaves the old
// one or the new one, whole.

import Glibc

/// The file `snapshot` of a directory.
struct SnapshotFile: Sendable {
    let directory: String
    var path: String { directory + "/snapshot" }

    init(directory: String) { self.directory = directory }

    /// Nil if there is no file or it can't be read.
    func read() -> [UInt8]? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(file, buffer.baseAddress, buffer.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// Replaces the file; false if the disk doesn't take it, and then the old one stands.
    func write(_ bytes: [UInt8]) -> Bool {
        let temporary = path + ".new"
        let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        let isWritten = Self.writeAll(bytes, to: file) && fsync(file) == 0
        guard close(file) == 0, isWritten, unsafe rename(temporary, path) == 0 else {
            unsafe unlink(temporary)
            return false
        }
        return syncDirectory()
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                return unsafe Glibc.write(file, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    /// The rename is durable only when the directory is.
    private func syncDirectory() -> Bool {
        let handle = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { return false }
        defer { close(handle) }
        return fsync(handle) == 0
    }
}
