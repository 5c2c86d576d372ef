// A node's identity and its starts, on its disk: without that disk it is another node.

import Foundation
import Glibc
import LinuxIO
import Wire

/// Who the node is, and the how-manieth start this is.
struct NodeIdentity {
    var id: NodeID
    /// Raised at every start, on the disk before anything is sent.
    var startCount: UInt64
    /// Drawn at every start.
    var random: UInt64

    /// Reads the identity in `directory`, or draws one at the first start; raises the counter.
    static func load(from directory: String) throws(StartError) -> NodeIdentity {
        var identity = try read(directory) ?? NodeIdentity(id: draw(), startCount: 0, random: 0)
        identity.startCount += 1
        identity.random = RandomSource.uint64()
        try identity.write(to: directory)
        return identity
    }

    private static func draw() -> NodeID {
        while true {
            let id = NodeID(rawValue: RandomSource.uint64())
            if id.rawValue != 0 { return id }
        }
    }

    private static func read(_ directory: String) throws(StartError) -> NodeIdentity? {
        let path = directory + "/identity"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let id = UInt64(words[0], radix: 16),
            let starts = UInt64(words[1])
        else {
            throw StartError(
                message: "\(path) is damaged. Restore it, or remove it and the node comes back as "
                    + "a new one.")
        }
        return NodeIdentity(id: NodeID(rawValue: id), startCount: starts, random: 0)
    }

    private func write(to directory: String) throws(StartError) {
        let path = directory + "/identity"
        let text = "\(String(id.rawValue, radix: 16)) \(startCount)\n"
        if let problem = DurableFile.write(text, to: path) {
            throw StartError(message: "\(path) can't be written: \(problem)")
        }
    }
}

/// Holds the state directory for one process.
struct StateDirectory {
    let path: String
    private let lock: Int32

    /// Makes the directory if needed. Throws if another process runs on it.
    init(_ path: String) throws(StartError) {
        self.path = path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw StartError(message: "the state directory \(path) can't be made: \(error)")
        }
        lock = unsafe open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw StartError(
                message: "another process uses the state directory \(path): stop it, or give this "
                    + "node its own by --state")
        }
    }
}
