// The files of Fixtures, which the build copies beside the tests.

import Foundation

/// The text of `Fixtures/<name>.txt`.
func fixture(_ name: String) -> String {
    let url = Bundle.module.url(
        forResource: name, withExtension: "txt", subdirectory: "Fixtures")
    guard let url, let text = try? String(contentsOf: url, encoding: .utf8) else {
        preconditionFailure("no fixture \(name).txt")
    }
    return text
}
