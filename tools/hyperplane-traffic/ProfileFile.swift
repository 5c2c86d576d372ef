// Profiles by name or from a file.

import Foundation
import Traffic
import Yams

enum ProfileFile {
    /// A preset, or the YAML file of that path.
    static func find(_ nameOrPath: String) throws -> Profile {
        if let preset = Profile.preset(nameOrPath) { return preset }
        guard let bytes = FileManager.default.contents(atPath: nameOrPath) else {
            throw RunFailure.wrongArgument(
                "'\(nameOrPath)' is neither a readable file nor a preset; there are "
                    + (Profile.presets.map(\.name) + CaseSuite.all.map(\.name))
                    .joined(separator: ", "))
        }
        do {
            var profile = try YAMLDecoder().decode(
                Profile.self, from: String(decoding: bytes, as: UTF8.self))
            if profile.name == Profile().name { profile.name = nameOrPath }
            let problems = profile.problems()
            guard problems.isEmpty else {
                throw RunFailure.wrongArgument(
                    "\(nameOrPath): " + problems.joined(separator: "; "))
            }
            return profile
        } catch let error as RunFailure {
            throw error
        } catch let error as DecodingError {
            throw RunFailure.wrongArgument("\(nameOrPath): \(describe(error))")
        } catch {
            throw RunFailure.wrongArgument("\(nameOrPath): \(error)")
        }
    }

    private static func describe(_ error: DecodingError) -> String {
        switch error {
        case .dataCorrupted(let context), .keyNotFound(_, let context),
            .typeMismatch(_, let context), .valueNotFound(_, let context):
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            let cause = context.underlyingError.map { ": \($0)" } ?? ""
            return (path.isEmpty ? "" : path + ": ") + context.debugDescription + cause
        @unknown default: return "\(error)"
        }
    }
}
