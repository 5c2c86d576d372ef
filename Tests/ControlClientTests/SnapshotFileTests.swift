// What a node makes of the snapshot that it finds on its disk.

import Configuration
import ControlClient
import FoundationEssentials
import Testing

private func directory(with bytes: [UInt8]?) throws -> String {
    let url = FileManager.default.temporaryDirectory
        .appending(path: "hyperplane-tests-\(UInt64.random(in: .min ... .max))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    if let bytes { try Data(bytes).write(to: url.appending(path: "snapshot")) }
    return url.path
}

private func fetcher(_ directory: String) throws -> SnapshotFetcher {
    SnapshotFetcher(
        client: try ControlClient(url: "http://127.0.0.1:1"),
        reader: .node(Identifier(.node, 1)), directory: directory)
}

private let intact = SnapshotEncoder.encode(
    Snapshot(version: 7, cluster: ClusterSettings(id: 42)))

@Test func `an intact snapshot on disk is run by`() async throws {
    let fetcher = try fetcher(directory(with: intact))
    #expect(await fetcher.loadFromDisk()?.version == 7)
    #expect(await fetcher.counters.loadedFromDisk == 1)
}

@Test func `no file is no snapshot and no error`() async throws {
    let fetcher = try fetcher(directory(with: nil))
    #expect(await fetcher.loadFromDisk() == nil)
    #expect(await fetcher.counters.refused.isEmpty)
}

@Test func `a damaged, torn, newer or foreign file is refused by name`() async throws {
    var corrupt = intact
    corrupt[corrupt.count - 1] ^= 1
    var newer = intact
    newer[5] = 200
    let cases: [([UInt8], SnapshotRefusal)] = [
        (corrupt, .corrupt), (Array(intact.dropLast()), .torn), ([], .torn), (newer, .newerFormat),
        (Array(repeating: 0x20, count: 100), .notASnapshot),
    ]
    for (bytes, refusal) in cases {
        let fetcher = try fetcher(directory(with: bytes))
        #expect(await fetcher.loadFromDisk() == nil)
        #expect(await fetcher.counters.refused == [refusal: 1])
    }
}

@Test func `a fetch that fails is counted and takes nothing away`() async throws {
    let fetcher = try fetcher(directory(with: intact))
    _ = await fetcher.loadFromDisk()
    guard case .failed(.unreachable) = await fetcher.fetch() else {
        Issue.record("nothing listens there")
        return
    }
    #expect(await fetcher.held?.version == 7)
    #expect(await fetcher.counters.failures == 1)
}
