// What a durable store owes beyond the suite that all pass.

import ControlServer
import FoundationEssentials
import Testing

private let note = ChangeNote(actor: "alice", reason: nil, idempotencyToken: nil, time: 0)

@Test func `what was committed is there when the file is opened again`() async throws {
    let path = try temporaryDirectory() + "/registry.sqlite"
    var store: SQLiteStore? = try SQLiteStore(path: path)
    _ = try await store?.transaction(compare: [], then: [.put("a", [1])], note: note)
    store = nil
    let again = try SQLiteStore(path: path)
    #expect(try await again.get("a")?.value == [1])
    #expect(try await again.range(prefix: "").revision == 1)
    #expect(try await again.history(after: 0, key: nil, limit: 10).count == 1)
}

@Test func `what was committed is in the files at that moment, as after a kill`() async throws {
    let directory = try temporaryDirectory()
    let store = try SQLiteStore(path: directory + "/registry.sqlite")
    for index in 0..<50 {
        _ = try await store.transaction(
            compare: [], then: [.put("a", [UInt8(index)]), .put("b", [UInt8(index)])], note: note)
        // A copy of the files, with the store still open, is what a killed process leaves.
        guard index % 10 == 9 else { continue }
        let copy = try temporaryDirectory()
        for name in ["registry.sqlite", "registry.sqlite-wal"] {
            try FileManager.default.copyItem(
                atPath: "\(directory)/\(name)", toPath: "\(copy)/\(name)")
        }
        let survivor = try SQLiteStore(path: copy + "/registry.sqlite")
        #expect(try await survivor.get("a")?.value == [UInt8(index)])
        #expect(try await survivor.get("b")?.value == [UInt8(index)])
    }
}

@Test func `a log that is torn anywhere gives a whole transaction's state, never half`()
    async throws
{
    let directory = try temporaryDirectory()
    let store = try SQLiteStore(path: directory + "/registry.sqlite")
    for index in 0..<5 {
        _ = try await store.transaction(
            compare: [], then: [.put("a", [UInt8(index)]), .put("b", [UInt8(index)])], note: note)
    }
    let main = try Data(contentsOf: URL(filePath: directory + "/registry.sqlite"))
    let log = try Data(contentsOf: URL(filePath: directory + "/registry.sqlite-wal"))
    for length in stride(from: 0, through: log.count, by: 1_777) {
        let copy = try temporaryDirectory()
        try main.write(to: URL(filePath: copy + "/registry.sqlite"))
        try log.prefix(length).write(to: URL(filePath: copy + "/registry.sqlite-wal"))
        let survivor = try SQLiteStore(path: copy + "/registry.sqlite")
        let first = try await survivor.get("a")
        let second = try await survivor.get("b")
        #expect(first?.value == second?.value)
        #expect(first?.modified == second?.modified)
    }
}

@Test func `a file that is no registry is refused and left alone`() async throws {
    let path = try temporaryDirectory() + "/registry.sqlite"
    let foreign = Data("this is somebody's letter, not a database, and long enough".utf8)
    try foreign.write(to: URL(filePath: path))
    #expect(throws: StoreError.self) { try SQLiteStore(path: path) }
    #expect(try Data(contentsOf: URL(filePath: path)) == foreign)
}

@Test func `a directory that is missing is a clear error`() throws {
    #expect(throws: StoreError.self) { try SQLiteStore(path: "/nonexistent/registry.sqlite") }
}

@Test func `a state directory is locked once, and free again afterwards`() throws {
    let path = try temporaryDirectory() + "/deeper/state"
    var first: StateDirectory? = try StateDirectory(path: path)
    let error = #expect(throws: StoreError.self) { try StateDirectory(path: path) }
    #expect(error?.description.contains("in use by another placement service") == true)
    #expect(first?.path == path)
    first = nil
    _ = try StateDirectory(path: path)
}
