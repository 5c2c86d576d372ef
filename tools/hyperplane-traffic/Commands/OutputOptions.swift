// What is written beside the summary.

import ArgumentParser

struct OutputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Write the report for programs.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Write the report for people, with plots.", valueName: "file"))
    var html: String?

    @Flag(help: "No progress and no summary: only complaints.")
    var quiet = false
}
