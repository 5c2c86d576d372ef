// A shell command, waited for by its process id. Foundation's `Process` waits for all that the command
// leaves running, too: for the nodes that a rolling restart started.

import Foundation

enum ShellCommand {
    /// Its exit status: 127 if there is no shell, 128 and the signal's number if a signal ended it. What
    /// it prints goes to standard error: standard output is for the summary alone.
    static func run(_ command: String) -> Int32 {
        guard let id = start(["/bin/sh", "-c", command]) else { return 127 }
        var status: Int32 = 0
        while unsafe waitpid(id, &status, 0) == -1 {
            guard errno == EINTR else { return 127 }
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    private static func start(_ words: [String]) -> pid_t? {
        // Proof: what is initialised here is destroyed here, the words end with a nil and outlive the call.
        var actions = unsafe posix_spawn_file_actions_t()
        guard unsafe posix_spawn_file_actions_init(&actions) == 0 else { return nil }
        defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
        guard unsafe posix_spawn_file_actions_adddup2(&actions, 2, 1) == 0 else { return nil }
        var arguments = unsafe words.map { unsafe strdup($0) }
        defer { unsafe arguments.forEach { unsafe free($0) } }
        unsafe arguments.append(nil)
        var id: pid_t = 0
        let failure = unsafe posix_spawn(&id, words[0], &actions, nil, arguments, environ)
        return failure == 0 ? id : nil
    }
}
