// The arrows between modules: every import and every dependency in Package.swift goes downward,
// along the table of the design (docs/ARCHITECTURE.md).

import Foundation
import Testing

/// What a module may import of the package's own modules, and its layer.
struct ModuleRule {
    let layer: Int
    let mayImport: Set<String>
}

enum Arrows {
    private static let core: Set<String> = [
        "Wire", "Steering", "Configuration", "Tables", "Placement", "Translation", "Consensus",
        "Node", "Fabric", "Traffic", "Sealing",
    ]
    private static let all = core.union([
        "LinuxIO", "Operations", "ControlClient", "ControlServer", "Simulator",
    ])

    // Members of a type are visible only where its module is imported, so whoever imports a module
    // above Wire may import Wire beside it.
    static let table: [String: ModuleRule] = [
        "CIntrinsics": ModuleRule(layer: 0, mayImport: []),
        "Wire": ModuleRule(layer: 0, mayImport: ["CIntrinsics"]),
        "Steering": ModuleRule(layer: 1, mayImport: ["Wire"]),
        "Configuration": ModuleRule(layer: 1, mayImport: ["Wire"]),
        "Tables": ModuleRule(layer: 1, mayImport: ["Wire", "CIntrinsics"]),
        "Placement": ModuleRule(layer: 1, mayImport: []),
        "Translation": ModuleRule(
            // Steering too: the port sets' arithmetic is one, for translating and for steering.
            layer: 2, mayImport: ["Steering", "Configuration", "Tables", "Wire"]),
        "Consensus": ModuleRule(
            layer: 2, mayImport: ["Steering", "Configuration", "Tables", "Wire"]),
        "Node": ModuleRule(
            layer: 3,
            mayImport: [
                "Translation", "Consensus", "Steering", "Configuration", "Tables", "Wire",
            ]),
        "Fabric": ModuleRule(
            layer: 3, mayImport: ["Steering", "Configuration", "Tables", "Wire"]),
        "Traffic": ModuleRule(layer: 3, mayImport: ["Steering", "Configuration", "Wire"]),
        "CLZ4": ModuleRule(layer: 3, mayImport: []),
        "COpenSSL": ModuleRule(layer: 3, mayImport: []),
        "Sealing": ModuleRule(layer: 3, mayImport: ["Wire", "COpenSSL", "CLZ4"]),
        "CLinux": ModuleRule(layer: 3, mayImport: []),
        "LinuxIO": ModuleRule(layer: 3, mayImport: ["CLinux", "Wire"]),
        "Simulator": ModuleRule(layer: 4, mayImport: core),
        "CSQLite": ModuleRule(layer: 4, mayImport: []),
        "ControlClient": ModuleRule(
            layer: 4, mayImport: ["Configuration", "Sealing", "Wire"]),
        "ControlServer": ModuleRule(
            layer: 4,
            mayImport: [
                "ControlClient", "Configuration", "Placement", "Sealing", "Wire", "CSQLite",
            ]),
        // ControlClient holds the forms of answers that the command line reads from nodes.
        "Operations": ModuleRule(
            layer: 4,
            mayImport: [
                "Node", "Fabric", "ControlClient", "Translation", "Steering", "Configuration",
                "Wire",
            ]),
        "hyperplane": ModuleRule(layer: 5, mayImport: all),
        "hyperplane-node": ModuleRule(layer: 5, mayImport: all),
        "hyperplane-placement": ModuleRule(layer: 5, mayImport: all),
        "hyperplane-router": ModuleRule(layer: 5, mayImport: all),
        "hyperplane-edge": ModuleRule(layer: 5, mayImport: all),
        "hyperplane-mapping": ModuleRule(layer: 5, mayImport: all),
        "hyperplane-traffic": ModuleRule(layer: 5, mayImport: all),
        "hyperplane-sim": ModuleRule(layer: 5, mayImport: ["Simulator"]),
    ]

    /// Modules of the toolchain and of the system that layers 0 to 3 may import.
    static func coreMayImport(_ name: String, in module: String) -> Bool {
        name == "Synchronization" || (name == "Glibc" && module == "LinuxIO")
    }

    /// The modules that a file imports, with the line.
    static func imports(of file: SourceFile) -> [(name: String, line: Int)] {
        let pattern =
            /^\s*(?:@\S+ )*(?:(?:public|package|internal|fileprivate|private) )?import (?:(?:struct|class|enum|protocol|func|var|let|typealias) )?([A-Za-z_0-9]+)/
        return file.codeLines.enumerated().compactMap { index, line in
            guard line.contains("import ") else { return nil }
            return line.firstMatch(of: pattern).map { (String($0.1), index + 1) }
        }
    }

    /// Package.swift's targets with the names of their dependencies, as text.
    static func dependenciesInManifest() -> [String: Set<String>] {
        guard let manifest = SourceTree.read("Package.swift") else { return [:] }
        let target =
            /(?:library|executable)\(\s*"([^"]+)",\s*(?:path: "[^"]*",\s*)?\[([^\]]*)\]/
        var found: [String: Set<String>] = [:]
        for match in manifest.text.matches(of: target) {
            found[String(match.1)] = Set(match.2.matches(of: /"([^"]+)"/).map { String($0.1) })
        }
        return found
    }
}

struct ArrowTests {
    @Test func `the table's own arrows go downward`() {
        for (module, rule) in Arrows.table {
            for other in rule.mayImport where Arrows.table[other] != nil {
                let layer = Arrows.table[other]?.layer ?? 0
                // ControlServer serves the types that ControlClient speaks: both are in layer 4.
                let isNeighbour = layer == rule.layer
                let allowed = [
                    "CLinux", "CIntrinsics", "CSQLite", "CLZ4", "COpenSSL", "ControlClient",
                ]
                #expect(
                    layer < rule.layer || (isNeighbour && allowed.contains(other)),
                    "\(module) -> \(other)")
            }
        }
    }

    @Test func `every module of Sources is in the table`() {
        let modules = Set(SourceTree.files.compactMap(\.module))
        #expect(modules.subtracting(Arrows.table.keys).isEmpty)
        #expect(modules.contains("Wire"))
    }

    @Test func `imports follow the arrows`() {
        let own = Set(Arrows.table.keys)
        for file in SourceTree.swift {
            guard let module = file.module, let rule = Arrows.table[module] else { continue }
            for (name, line) in Arrows.imports(of: file) {
                let allowed =
                    own.contains(name)
                    ? rule.mayImport.contains(name)
                    : rule.layer > 3 || rule.mayImport.contains(name)
                        || Arrows.coreMayImport(name, in: module)
                #expect(allowed, "\(file.path):\(line) imports \(name)")
            }
        }
    }

    @Test func `Package.swift declares the table's arrows, and every import is declared`() {
        let declared = Arrows.dependenciesInManifest()
        #expect(declared.count > 10, "Package.swift could not be read")
        for (module, dependencies) in declared {
            let allowed = Arrows.table[module]?.mayImport ?? []
            #expect(dependencies.subtracting(allowed).isEmpty, "Package.swift: \(module)")
        }
        for file in SourceTree.swift {
            guard let module = file.module, let dependencies = declared[module] else { continue }
            for (name, line) in Arrows.imports(of: file) where Arrows.table[name] != nil {
                #expect(
                    dependencies.contains(name),
                    "\(file.path):\(line) imports \(name), which Package.swift does not declare")
            }
        }
    }
}
