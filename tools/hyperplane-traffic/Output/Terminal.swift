// The terminal, if there is one.

import Glibc

enum Terminal {
    static var outputIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes all of a text; a reader that is gone is no reason to stop.
    static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    static func complain(_ text: String) {
        write("hyperplane-traffic: \(text)\n", to: STDERR_FILENO)
    }

    static func sleep(microseconds: UInt32) { _ = usleep(microseconds) }
}
