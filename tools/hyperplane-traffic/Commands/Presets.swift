// `presets`: the profiles that have a name.

import ArgumentParser
import Traffic
import Yams

struct Presets: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the presets, or print one as a profile file to change.")

    @Argument(help: "Print this preset as YAML.")
    var name: String?

    func run() throws {
        guard let name else {
            for preset in Profile.presets {
                print(preset.name.padding(to: 14) + preset.summary)
            }
            return
        }
        guard let preset = Profile.preset(name) else {
            throw ValidationError(
                "No preset is called '\(name)'; there are "
                    + Profile.presets.map(\.name).joined(separator: ", ") + ".")
        }
        print(try YAMLEncoder().encode(preset), terminator: "")
    }
}
