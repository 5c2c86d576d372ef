// `hyperplane version`.

import ArgumentParser

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Show the version of this command.")

    /// Of the release that this source belongs to.
    static let version = "0.1.0"

    @OptionGroup var options: GlobalOptions

    func run() throws {
        if options.format == .table {
            print("hyperplane \(Self.version)")
        } else {
            print(try options.format.text(of: ["version": Self.version]))
        }
    }
}
