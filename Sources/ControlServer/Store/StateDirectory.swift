// The directory that a placement service keeps its registry in, and the lock that keeps a second
// service out of it.

import Glibc

/// A locked state directory. The lock ends with the value, or with the process however it ends.
public final class StateDirectory: Sendable {
    public let path: String
    private let lock: Int32

    /// Makes the directory if it is missing (its parents too) and locks it.
    public init(path: String) throws(StoreError) {
        try Self.makeDirectories(path)
        let file = path + "/lock"
        let opened = unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw Self.failure("cannot open \(file)") }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let isTaken = errno == EWOULDBLOCK
            let failure = Self.failure("cannot lock \(file)")
            close(opened)
            throw isTaken
                ? StoreError(
                    "the state directory \(path) is in use by another placement service; stop it, "
                        + "or choose another by --state") : failure
        }
        lock = opened
        self.path = path
    }

    deinit { close(lock) }

    private static func makeDirectories(_ path: String) throws(StoreError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            // The registry holds secrets: nobody else may read what this makes.
            if unsafe mkdir(made, 0o700) != 0, errno != EEXIST {
                throw failure("cannot make the directory \(made)")
            }
        }
    }

    private static func failure(_ what: String) -> StoreError {
        let cause = unsafe String(cString: strerror(errno))
        return StoreError("\(what): \(cause)")
    }
}
