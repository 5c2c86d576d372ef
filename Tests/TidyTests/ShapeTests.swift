// The shape of the code: sizes that only shrink, names that say something, files that open by
// saying what they are, and no shortcuts left behind.

import Foundation
import Testing

/// A file or function that is longer than the ratchet, by how much it may be, and why.
struct LengthException: Sendable {
    let place: String
    let lines: Int
    let reason: String
}

struct ShapeTests {
    static let fileLimitLines = 400
    static let functionLimitLines = 60

    /// Lower a number when the place has shrunk; never raise one.
    static let longFiles: [LengthException] = []
    static let longFunctions: [LengthException] = []

    @Test func `no file is longer than 400 lines`() {
        for file in SourceTree.files where Self.isCode(file) {
            let exception = Self.longFiles.first { $0.place == file.path }
            let limit = exception?.lines ?? Self.fileLimitLines
            let count = file.lines.count - 1
            #expect(count <= limit, "\(file.path) has \(count) lines, \(limit) are allowed")
        }
    }

    @Test func `no function is longer than 60 lines`() {
        for file in SourceTree.swift {
            for function in file.functions {
                let place = "\(file.path): \(function.declaration)"
                let exception = Self.longFunctions.first { place.hasPrefix($0.place) }
                let limit = exception?.lines ?? Self.functionLimitLines
                #expect(
                    function.lineCount <= limit,
                    "\(file.path):\(function.line): \(function.lineCount) lines")
            }
        }
    }

    @Test func `the exceptions still exist and still need to`() {
        for exception in Self.longFiles {
            let file = SourceTree.files.first { $0.path == exception.place }
            #expect((file?.lines.count ?? 0) > Self.fileLimitLines, "\(exception.place)")
            #expect(!exception.reason.isEmpty)
        }
    }

    @Test func `nothing is named Utils, Common, Helpers, Extras or Manager`() throws {
        let words = "Utils?|Utilities|Common|Helpers?|Extras|Manager"
        let inPath = try Regex("(^|[a-z/_-])(\(words))([A-Z+./_-]|$)")
        let declared = try Regex(
            #"\b(struct|class|enum|protocol|actor|typealias) [A-Za-z0-9]*("# + words
                + #")([A-Z][A-Za-z0-9]*)?\b"#)
        for file in SourceTree.files {
            #expect(!file.path.contains(inPath), "\(file.path)")
            for (line, number) in file.codeLines(with: declared) {
                Issue.record("\(file.path):\(number): \(line)")
            }
        }
    }

    @Test func `every file of code opens by saying what it is`() {
        for file in SourceTree.files where Self.isCode(file) {
            let opening =
                file.lines.drop { $0.hasPrefix("#!") || $0.hasPrefix("// swift-tools") }
                .first { !$0.isEmpty && !$0.hasPrefix("import ") } ?? ""
            let isComment =
                opening.hasPrefix("// ") || opening.hasPrefix("# ")
                || opening.hasPrefix("\"\"\"") || opening.hasPrefix("/// ")
            #expect(isComment, "\(file.path) opens with: \(opening)")
        }
    }

    @Test func `checks are never compiled away, and no flag is smuggled in`() {
        // Written in two parts, so that this file does not name them.
        let flags = ["-O" + "unchecked", "unsafe" + "Flags"]
        for file in SourceTree.files where Self.isCode(file) {
            for flag in flags {
                let found = file.text.contains(flag)
                #expect(!found, "\(file.path) contains \(flag)")
            }
        }
    }

    @Test func `nothing is left to be done later in a comment`() {
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
        for file in SourceTree.files {
            for (number, line) in file.lines.enumerated() {
                for mark in marks where line.contains(mark) {
                    Issue.record("\(file.path):\(number + 1) says \(mark)")
                }
            }
        }
    }

    /// Files with code of ours, as against documents, data and module maps.
    static func isCode(_ file: SourceFile) -> Bool {
        let endings = [".swift", ".c", ".h", ".py", ".sh"]
        return endings.contains { file.path.hasSuffix($0) }
            || (!file.name.contains(".") && file.text.hasPrefix("#!"))
    }
}
