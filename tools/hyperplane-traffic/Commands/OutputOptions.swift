// What is written beside the summary.

import ArgumentParser
import Glibc

struct OutputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Write the report for programs.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Write the report for people, with plots.", valueName: "file"))
    var html: String?

    @Flag(help: "No progress and no summary: only complaints.")
    var quiet = false

    /// A run of minutes must not end with a report that can't be written: this is tried before.
    func check() throws {
        for path in [json, html].compactMap({ $0 }) {
            let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                let reason = unsafe String(cString: strerror(errno))
                throw RunFailure.wrongArgument("\(path): can't be written: \(reason)")
            }
            close(descriptor)
        }
    }
}
