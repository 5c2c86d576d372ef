// A reader of Swift source that knows just enough: where comments and string literals begin and
// end, and where a function's body does.

/// Blanks out comments and literals.
struct SwiftCode {
    private var bytes: [UInt8]
    private var at = 0

    static func blanked(_ source: [UInt8]) -> [UInt8] {
        var reader = SwiftCode(bytes: source)
        reader.skipCode(untilClosed: false)
        return reader.bytes
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func sees(_ text: String, at offset: Int) -> Bool {
        let wanted = text.utf8
        guard offset < bytes.count, bytes[offset] == wanted.first else { return false }
        return offset + wanted.count <= bytes.count
            && zip(wanted, bytes[offset...]).allSatisfy { $0 == $1 }
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where at < bytes.count {
            if bytes[at] != UInt8(ascii: "\n") { bytes[at] = UInt8(ascii: " ") }
            at += 1
        }
    }

    /// Reads code; inside an interpolation, to the parenthesis that closes it.
    private mutating func skipCode(untilClosed: Bool) {
        var depth = 0
        while at < bytes.count {
            if sees("//", at: at) {
                while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { blank(1) }
            } else if sees("/*", at: at) {
                blankBlockComment()
            } else if let hashes = literalStart() {
                blankLiteral(hashes: hashes)
            } else {
                if bytes[at] == UInt8(ascii: "(") { depth += 1 }
                if bytes[at] == UInt8(ascii: ")") { depth -= 1 }
                if untilClosed, depth < 0 { return }
                at += 1
            }
        }
    }

    private mutating func blankBlockComment() {
        var depth = 0
        repeat {
            if sees("/*", at: at) {
                depth += 1; blank(2)
            } else if sees("*/", at: at) {
                depth -= 1; blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && at < bytes.count
    }

    /// How many `#` stand before the quote, if a literal begins here.
    private func literalStart() -> Int? {
        var offset = at
        while offset < bytes.count, bytes[offset] == UInt8(ascii: "#") { offset += 1 }
        return sees("\"", at: offset) ? offset - at : nil
    }

    private mutating func blankLiteral(hashes: Int) {
        at += hashes
        let quotes = sees("\"\"\"", at: at) ? 3 : 1
        at += quotes
        while at < bytes.count {
            if closes(quotes: quotes, hashes: hashes) {
                at += quotes + hashes
                return
            }
            if bytes[at] == UInt8(ascii: "\\"), escapes(hashes) {
                blank(1 + hashes)
                if at < bytes.count, bytes[at] == UInt8(ascii: "(") {
                    at += 1
                    skipCode(untilClosed: true)
                    at += 1
                } else {
                    blank(1)
                }
            } else {
                blank(1)
            }
        }
    }

    private func closes(quotes: Int, hashes: Int) -> Bool {
        guard at + quotes + hashes <= bytes.count else { return false }
        return bytes[at..<at + quotes].allSatisfy { $0 == UInt8(ascii: "\"") }
            && bytes[at + quotes..<at + quotes + hashes].allSatisfy { $0 == UInt8(ascii: "#") }
    }

    private func escapes(_ hashes: Int) -> Bool {
        guard at + hashes < bytes.count else { return false }
        return bytes[at + 1..<at + 1 + hashes].allSatisfy { $0 == UInt8(ascii: "#") }
    }
}

/// A function or initialiser with a body.
struct FunctionExtent {
    let line: Int
    let lineCount: Int
    let declaration: String
}

extension SourceFile {
    /// The functions of the file, nested ones too.
    var functions: [FunctionExtent] {
        let lines = codeLines
        let declaration = /(^|[ \t])(func [^ (<]+|init[?!]?[(<]|deinit\b|subscript[(<])/
        var found: [FunctionExtent] = []
        for (index, line) in lines.enumerated() {
            guard line.contains(/func |init|subscript/),
                let match = line.firstMatch(of: declaration),
                let end = bodyEnd(lines, from: index, column: match.range.lowerBound)
            else { continue }
            found.append(
                FunctionExtent(
                    line: index + 1, lineCount: end - index + 1,
                    declaration: line.trimmingPrefix(while: \.isWhitespace).description))
        }
        return found
    }

    /// The line on which the body that begins after this place ends; nil if there is none.
    private func bodyEnd(
        _ lines: [Substring], from first: Int, column: Substring.Index
    ) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in first..<lines.count {
            let text = index == first ? lines[index][column...] : lines[index]
            if index > first, parentheses == 0, braces == 0, startsAnother(text) { return nil }
            for character in text {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{": braces += 1
                case "}":
                    braces -= 1
                    if braces <= 0 { return braces == 0 ? index : nil }
                default: break
                }
            }
        }
        return nil
    }

    /// Whether the line begins another declaration, so that the one before it had no body.
    private func startsAnother(_ line: Substring) -> Bool {
        let text = line.trimmingPrefix(while: \.isWhitespace)
        return text.isEmpty
            || text.firstMatch(
                of:
                    /^(@|public |internal |private |package |mutating |static |func |var |let |init)/
            ) != nil
    }
}
