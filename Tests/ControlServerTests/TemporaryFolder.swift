// Directories for tests, all inside one of the process's own, which goes when the process ends.

import Foundation

private let processFolder: URL = {
    let url = FileManager.default.temporaryDirectory
        .appending(path: "hyperplane-tests-\(UInt64.random(in: .min ... .max))")
    atexit { try? FileManager.default.removeItem(at: processFolder) }
    return url
}()

/// A new, empty directory.
func temporaryDirectory() throws -> String {
    let url = processFolder.appending(path: "\(UInt64.random(in: .min ... .max))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url.path
}
