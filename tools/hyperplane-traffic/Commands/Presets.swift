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
        let text = try YAMLEncoder().encode(preset)
        print(text.split(separator: "\n").map(Self.plain).joined(separator: "\n"))
    }

    /// The encoder writes 700 as 7e+2; people don't.
    private static func plain(_ line: Substring) -> String {
        guard let colon = line.lastIndex(of: ":"), line.contains("e+") || line.contains("e-"),
            let value = Double(line[colon...].dropFirst(2))
        else { return String(line) }
        let isWhole = value == value.rounded() && abs(value) < 1e15
        return line[...colon] + (isWhole ? " \(Int(value))" : " \(value)")
    }
}
