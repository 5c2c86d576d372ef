// `presets`: the profiles and the suites of cases that have a name.

import ArgumentParser
import Traffic
import Yams

struct Presets: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the presets; print one as a profile file to change, or a suite's cases.")

    @Argument(help: "Print this preset as YAML, or the cases of this suite.")
    var name: String?

    func run() throws {
        guard let name else {
            for preset in Profile.presets {
                print(preset.name.padding(to: 14) + preset.summary)
            }
            for suite in CaseSuite.all { print(suite.name.padding(to: 14) + suite.summary) }
            return
        }
        if let suite = CaseSuite.named(name) {
            for name in suite.caseNames { print(name) }
            return
        }
        guard let preset = Profile.preset(name) else {
            throw ValidationError(
                "No preset is called '\(name)'; there are "
                    + (Profile.presets.map(\.name) + CaseSuite.all.map(\.name))
                    .joined(separator: ", ") + ".")
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
