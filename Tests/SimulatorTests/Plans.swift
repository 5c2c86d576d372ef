// The plans of Tests/Plans, by name.

import Foundation

@testable import Simulator

enum Plans {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Plans")

    static func read(_ name: String) throws -> Plan {
        let text = try String(contentsOf: folder.appending(path: "\(name).plan"), encoding: .utf8)
        return try Plan(name: name, text: text)
    }

    /// All names, in order.
    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { $0.hasSuffix(".plan") }.map { String($0.dropLast(5)) }.sorted()
        }
    }
}
