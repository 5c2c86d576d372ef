// Profiles by name or from a file.

import Foundation
import Traffic
import Yams

enum ProfileFile {
    /// A preset, or the YAML file of that path.
    static func find(_ nameOrPath: String) throws -> Profile {
        if let preset = Profile.preset(nameOrPath) { return preset }
        guard let bytes = FileManager.default.contents(atPath: nameOrPath) else {
            throw RunFailure(
                "'\(nameOrPath)' is neither a readable file nor a preset; there are "
                    + Profile.presets.map(\.name).joined(separator: ", "))
        }
        do {
            var profile = try YAMLDecoder().decode(
                Profile.self, from: String(decoding: bytes, as: UTF8.self))
            if profile.name == Profile().name { profile.name = nameOrPath }
            return profile
        } catch let error as DecodingError {
            throw RunFailure("\(nameOrPath): \(describe(error))")
        } catch {
            throw RunFailure("\(nameOrPath): \(error)")
        }
    }

    private static func describe(_ error: DecodingError) -> String {
        switch error {
        case .dataCorrupted(let context), .keyNotFound(_, let context),
            .typeMismatch(_, let context), .valueNotFound(_, let context):
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return (path.isEmpty ? "" : path + ": ") + context.debugDescription
        @unknown default: return "\(error)"
        }
    }
}
