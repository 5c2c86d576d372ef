// The tidy tests stand on a small reader of Swift: it must not take a comment or a literal for
// code, nor lose its place.

import Testing

struct SwiftCodeTests {
    private func blanked(_ text: String) -> String {
        SourceFile(path: "x.swift", text: text).code
    }

    @Test(arguments: [
        ("a // print(1)\nb", "a            \nb"),
        ("a /* x /* y */ z */ b", "a                   b"),
        (#"f("Task {")"#, #"f("      ")"#),
        (#"f("a\"b")"#, #"f("    ")"#),
        (##"f(#"a"b"#)"##, ##"f(#"   "#)"##),
        (#"f("x\(g("y"))z")"#, #"f("  (g(" ")) ")"#),
    ])
    func `comments and literals become blanks`(text: String, expected: String) {
        #expect(blanked(text) == expected)
    }

    @Test func `a literal over several lines keeps the lines`() {
        let text = "let a = \"\"\"\n  Task { \"x\"\n  \"\"\"\nlet b = 1"
        let result = blanked(text)
        #expect(!result.contains("Task"))
        #expect(result.split(separator: "\n").count == 4)
        #expect(result.hasSuffix("let b = 1"))
    }

    @Test func `functions are measured, requirements without a body are not`() {
        let text = """
            protocol P {
                func a()
                init(x: Int)
            }
            struct S: P {
                func a() {
                    b { 1 }
                }
                init(
                    x: Int
                ) {
                    self.init()
                }
                func one() -> Int { 1 }
            }
            """
        let found = SourceFile(path: "x.swift", text: text).functions
        #expect(found.map(\.line) == [6, 9, 14])
        #expect(found.map(\.lineCount) == [3, 5, 1])
    }
}
