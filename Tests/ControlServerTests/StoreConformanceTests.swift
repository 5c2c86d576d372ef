// The one suite that every store passes.

import ControlServer
import FoundationEssentials
import Testing

enum StoreKind: CaseIterable, Sendable {
    case memory
    case sqlite

    func make() throws -> any RegistryStore {
        switch self {
        case .memory: MemoryStore()
        case .sqlite: try SQLiteStore(path: temporaryDirectory() + "/registry.sqlite")
        }
    }
}

private let note = ChangeNote(
    actor: "alice", reason: "a test", idempotencyToken: "token", time: 1_000)

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension RegistryStore {
    fileprivate func put(_ key: String, _ value: String) async throws -> TransactionResult {
        try await transaction(compare: [], then: [.put(key, bytes(value))], note: note)
    }
}

@Suite struct StoreConformanceTests {
    @Test(arguments: StoreKind.allCases)
    func `an empty store has nothing, at revision 0`(kind: StoreKind) async throws {
        let store = try kind.make()
        #expect(try await store.get("a") == nil)
        let (entries, revision) = try await store.range(prefix: "")
        #expect(entries.isEmpty)
        #expect(revision == 0)
        #expect(try await store.history(after: 0, key: nil, limit: 10).isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `what was put is got, with the revisions of creation and change`(
        kind: StoreKind
    ) async throws {
        let store = try kind.make()
        #expect(try await store.put("a", "1") == .committed(revision: 1))
        #expect(try await store.put("b", "2") == .committed(revision: 2))
        #expect(try await store.put("a", "3") == .committed(revision: 3))
        let entry = try await store.get("a")
        #expect(entry == StoredEntry(key: "a", value: bytes("3"), created: 1, modified: 3))
    }

    @Test(arguments: StoreKind.allCases)
    func `a deleted key is gone, and is created anew`(kind: StoreKind) async throws {
        let store = try kind.make()
        _ = try await store.put("a", "1")
        let result = try await store.transaction(compare: [], then: [.delete("a")], note: note)
        #expect(result == .committed(revision: 2))
        #expect(try await store.get("a") == nil)
        _ = try await store.put("a", "2")
        #expect(try await store.get("a")?.created == 3)
    }

    @Test(arguments: StoreKind.allCases)
    func `deleting what is not there changes nothing and is not recorded`(
        kind: StoreKind
    ) async throws {
        let store = try kind.make()
        let result = try await store.transaction(compare: [], then: [.delete("a")], note: note)
        #expect(result == .committed(revision: 1))
        #expect(try await store.history(after: 0, key: nil, limit: 10).isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `values of any bytes and of none come back as they went in`(kind: StoreKind) async throws {
        let store = try kind.make()
        for value in [[], [0], Array(0...255), Array(repeating: 0xFF, count: 100_000)] {
            let value = value.map { UInt8($0) }
            _ = try await store.transaction(compare: [], then: [.put("k", value)], note: note)
            #expect(try await store.get("k")?.value == value)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a range has the keys of its prefix in order of their bytes`(
        kind: StoreKind
    ) async throws {
        let store = try kind.make()
        let keys = ["a", "a/1", "a/10", "a/2", "a0", "b/1", "a/\u{E9}", "a/\u{10FFFF}", "A/1"]
        for key in keys.shuffled() { _ = try await store.put(key, "x") }
        let (entries, revision) = try await store.range(prefix: "a/")
        #expect(entries.map(\.key) == ["a/1", "a/10", "a/2", "a/\u{E9}", "a/\u{10FFFF}"])
        #expect(revision == UInt64(keys.count))
        #expect(try await store.range(prefix: "").entries.count == keys.count)
        #expect(try await store.range(prefix: "c").entries.isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `a prefix is taken literally`(kind: StoreKind) async throws {
        let store = try kind.make()
        for key in ["a%b", "a_b", "axb", "a*b", "a'b"] { _ = try await store.put(key, "x") }
        #expect(try await store.range(prefix: "a%").entries.map(\.key) == ["a%b"])
        #expect(try await store.range(prefix: "a_").entries.map(\.key) == ["a_b"])
        #expect(try await store.range(prefix: "a'").entries.map(\.key) == ["a'b"])
    }

    @Test(arguments: StoreKind.allCases)
    func `a transaction whose comparison fails changes nothing`(kind: StoreKind) async throws {
        let store = try kind.make()
        _ = try await store.put("a", "1")
        let refused: [[StoreComparison]] = [
            [.modified(key: "a", revision: 2)],
            [.modified(key: "a", revision: 0)],
            [.modified(key: "b", revision: 1)],
            [.absent(key: "a")],
            [.modified(key: "a", revision: 1), .absent(key: "a")],
        ]
        for compare in refused {
            let result = try await store.transaction(
                compare: compare, then: [.put("a", bytes("2")), .put("c", bytes("2"))], note: note)
            #expect(result == .conflict)
        }
        let (entries, revision) = try await store.range(prefix: "")
        #expect(entries.map(\.value) == [bytes("1")])
        #expect(revision == 1)
        #expect(try await store.history(after: 0, key: nil, limit: 10).count == 1)
    }

    @Test(arguments: StoreKind.allCases)
    func `a transaction whose comparisons hold changes all at one revision`(
        kind: StoreKind
    ) async throws {
        let store = try kind.make()
        _ = try await store.put("a", "1")
        let result = try await store.transaction(
            compare: [.modified(key: "a", revision: 1), .absent(key: "b")],
            then: [.put("a", bytes("2")), .put("b", bytes("3")), .delete("c")], note: note)
        #expect(result == .committed(revision: 2))
        #expect(try await store.range(prefix: "").entries.map(\.modified) == [2, 2])
    }

    @Test(arguments: StoreKind.allCases)
    func `of many writers that compare the same revision, one wins`(
        kind: StoreKind
    ) async throws {
        let store = try kind.make()
        _ = try await store.put("counter", "0")
        let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
            for writer in 0..<20 {
                group.addTask {
                    let result = try await store.transaction(
                        compare: [.modified(key: "counter", revision: 1)],
                        then: [.put("counter", bytes("\(writer)"))], note: note)
                    return result != .conflict
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(wins == 1)
    }

    @Test(arguments: StoreKind.allCases)
    func `the history tells who, when, why, what before and what after`(
        kind: StoreKind
    ) async throws {
        let store = try kind.make()
        _ = try await store.put("a", "1")
        _ = try await store.put("a", "2")
        _ = try await store.transaction(compare: [], then: [.delete("a")], note: note)
        let history = try await store.history(after: 0, key: nil, limit: 10)
        #expect(history.map(\.before) == [nil, bytes("1"), bytes("2")])
        #expect(history.map(\.after) == [bytes("1"), bytes("2"), nil])
        #expect(history.map(\.revision) == [1, 2, 3])
        #expect(history.allSatisfy { $0.note == note && $0.key == "a" })
    }

    @Test(arguments: StoreKind.allCases)
    func `what is not to be recorded is in no history`(kind: StoreKind) async throws {
        let store = try kind.make()
        _ = try await store.transaction(
            compare: [],
            then: [.put("secret", bytes("s"), isRecorded: false), .put("open", bytes("o"))],
            note: note)
        #expect(try await store.history(after: 0, key: nil, limit: 10).map(\.key) == ["open"])
        #expect(try await store.get("secret") != nil)
    }

    @Test(arguments: StoreKind.allCases)
    func `a page of history ends with a whole revision`(kind: StoreKind) async throws {
        let store = try kind.make()
        _ = try await store.put("a", "1")
        _ = try await store.transaction(
            compare: [], then: [.put("a", bytes("2")), .put("b", bytes("2"))], note: note)
        _ = try await store.put("b", "3")
        func page(_ after: UInt64, _ key: String?, _ limit: Int) async throws -> [UInt64] {
            try await store.history(after: after, key: key, limit: limit).map(\.revision)
        }
        #expect(try await page(0, nil, 1) == [1])
        #expect(try await page(0, nil, 2) == [1, 2, 2])
        #expect(try await page(1, nil, 1) == [2, 2])
        #expect(try await page(1, nil, 10) == [2, 2, 3])
        #expect(try await page(0, "b", 10) == [2, 3])
        #expect(try await page(3, nil, 10) == [])
        #expect(try await page(0, nil, 0) == [])
        #expect(try await page(UInt64(Int64.max), nil, 10) == [])
    }
}
