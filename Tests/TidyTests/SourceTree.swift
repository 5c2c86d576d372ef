// The files of the repository as the tidy tests see them: path, text, and the code of Swift files
// without comments and without what stands in string literals.

import Foundation

/// One file. Its code is read once, because every rule looks at it.
struct SourceFile: Sendable, CustomStringConvertible {
    /// From the top of the repository.
    let path: String
    let text: String
    /// Comments and the contents of literals replaced by blanks; lines keep their numbers. Empty
    /// for files that are not Swift.
    let code: String

    init(path: String, text: String) {
        self.path = path
        self.text = text
        code =
            path.hasSuffix(".swift")
            ? String(decoding: SwiftCode.blanked(Array(text.utf8)), as: UTF8.self) : ""
    }

    var description: String { path }
    var name: String { String(path.split(separator: "/").last ?? "") }
    var isSwift: Bool { path.hasSuffix(".swift") }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var codeLines: [Substring] { code.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The lines of the code that the pattern is found in, with their numbers.
    func codeLines(with pattern: Regex<AnyRegexOutput>) -> [(line: Substring, number: Int)] {
        // One look at the whole file spares most files the look at every line.
        guard code.contains(pattern) else { return [] }
        return codeLines.enumerated().filter { $1.contains(pattern) }.map { ($1, $0 + 1) }
    }

    /// The module whose folder the file is in, for files of `Sources` and of the tools with a main.
    var module: String? {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count > 2, parts[0] == "Sources" || path.hasPrefix("tools/hyperplane-")
        else { return nil }
        return parts[1]
    }
}

enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every text file that people write, in the order of the paths.
    static let files: [SourceFile] = {
        let folders = ["Sources", "Tests", "tools", "Benchmarks", "cluster", ".ci", "docs"]
        let top = ["Package.swift", "README.md", "CHANGELOG.md", ".swift-format"]
        var files = top.compactMap(read)
        for folder in folders { files += walk(folder) }
        return files.sorted { $0.path < $1.path }
    }()

    static let swift = files.filter(\.isSwift)

    static func read(_ path: String) -> SourceFile? {
        let url = root.appendingPathComponent(path)
        guard let data = try? Data(contentsOf: url), !data.prefix(8000).contains(0) else {
            return nil
        }
        return SourceFile(path: path, text: String(decoding: data, as: UTF8.self))
    }

    private static func walk(_ folder: String) -> [SourceFile] {
        let top = root.appendingPathComponent(folder).path
        guard let paths = FileManager.default.enumerator(atPath: top) else { return [] }
        return paths.compactMap { $0 as? String }
            .filter { !isBuilt($0) }
            .compactMap { read("\(folder)/\($0)") }
    }

    /// What a build or an interpreter leaves among the sources, and data that tests read.
    private static func isBuilt(_ path: String) -> Bool {
        path.split(separator: "/").contains {
            $0.hasPrefix(".build") || $0 == "__pycache__" || $0 == "Fixtures" || $0 == "corpus"
                || $0 == "crashes"
        }
    }
}
