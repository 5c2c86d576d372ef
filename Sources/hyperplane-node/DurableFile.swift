// Small files that must be whole after a crash: written beside, synced, renamed over.

import Foundation
import Glibc

enum DurableFile {
    /// Replaces the file at `path`. What went wrong; nil if it is on the disk.
    static func write(_ text: String, to path: String) -> String? {
        let descriptor = unsafe open(
            path + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let bytes = Array(text.utf8)
        let count = unsafe Glibc.write(descriptor, bytes, bytes.count)
        let isWritten = descriptor >= 0 && count == bytes.count && fsync(descriptor) == 0
        if descriptor >= 0 { close(descriptor) }
        guard isWritten, unsafe rename(path + ".new", path) == 0, syncDirectory(of: path) else {
            return unsafe String(cString: strerror(errno))
        }
        return nil
    }

    /// A rename is on the disk when its directory is.
    private static func syncDirectory(of path: String) -> Bool {
        let directory = (path as NSString).deletingLastPathComponent
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }
}
