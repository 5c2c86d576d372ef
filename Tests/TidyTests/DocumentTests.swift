// What is written for people: nothing in it waits to be filled in, and nothing that it lists is
// missing.

import Testing

struct DocumentTests {
    @Test func `no document has a placeholder`() {
        for file in SourceTree.files where file.path.hasSuffix(".md") {
            for (number, line) in file.lines.enumerated() {
                #expect(!line.contains("@@"), "\(file.path):\(number + 1)")
            }
        }
    }

    @Test func `every scene stands in the table of scenes`() {
        let table = SourceTree.read("docs/traffic-generator.md")?.text ?? ""
        let scenes = SourceTree.files.filter { $0.path.hasPrefix("tools/scenes/") }
        #expect(!scenes.isEmpty)
        for scene in scenes {
            #expect(table.contains("\n| `\(scene.name)` |"), "\(scene.path)")
        }
    }
}
