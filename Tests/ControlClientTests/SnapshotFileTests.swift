// What a node makes of the snapshot that it finds on its disk.

import Configuration
import ControlClient
import FoundationEssentials
import Sealing
import Testing

private func directory(with bytes: [UInt8]?) throws -> String {
    let path = try temporaryDirectory()
    if let bytes { try Data(bytes).write(to: URL(filePath: path + "/snapshot")) }
    return path
}

private func fetcher(_ directory: String) throws -> SnapshotFetcher {
    SnapshotFetcher(
        client: try ControlClient(url: "http://127.0.0.1:1"),
        reader: .node(Identifier(.node, 1)), directory: directory)
}

private let snapshot = Snapshot(version: 7, cluster: ClusterSettings(id: 42))
private let intact = SnapshotEnvelope.seal(snapshot, leastClass: .smallest)!

@Test func `an intact snapshot on disk is run by`() async throws {
    let fetcher = try fetcher(directory(with: intact))
    #expect(await fetcher.loadFromDisk() == .new(snapshot))
    #expect(await fetcher.counters.loadedFromDisk == 1)
}

@Test func `no file is no snapshot and no error`() async throws {
    let fetcher = try fetcher(directory(with: nil))
    #expect(await fetcher.loadFromDisk() == nil)
    #expect(await fetcher.counters.refused.isEmpty)
}

@Test func `a damaged, torn, newer or foreign file is refused by name`() async throws {
    var corrupt = intact
    corrupt[50] ^= 1
    var padded = intact
    padded[padded.count - 1] ^= 1
    var newer = intact
    newer[5] = 200
    let body = SnapshotEncoder.encode(snapshot)
    var newerBody = body
    newerBody[5] = 200
    let foreign = Array("not a snapshot".utf8)
    let cases: [([UInt8], SnapshotRefusal)] = [
        (corrupt, .corrupt), (padded, .corrupt), (Array(intact.dropLast()), .torn), ([], .torn),
        (newer, .newerFormat), (body, .olderFormat),
        (Array(repeating: 0x20, count: 100), .notASnapshot),
        (Envelope.seal(newerBody, leastClass: .smallest)!, .newerFormat),
        (Envelope.seal(foreign, leastClass: .smallest)!, .corrupt),
        (Envelope.seal(foreign + foreign, leastClass: .smallest)!, .notASnapshot),
    ]
    for (bytes, refusal) in cases {
        let fetcher = try fetcher(directory(with: bytes))
        guard case .refused(refusal, let detail) = await fetcher.loadFromDisk() else {
            Issue.record("not refused as \(refusal.rawValue)")
            continue
        }
        #expect(!detail.isEmpty)
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
