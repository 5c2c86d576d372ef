// Where the snapshot comes from: the placement service, or a file.

import Configuration
import ControlClient
import Foundation

enum SnapshotSource {
    static func read(_ path: String) throws -> Snapshot {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw RunFailure("\(path): can't be read")
        }
        return try decode(Array(bytes), from: path)
    }

    /// As a router sees it.
    static func fetch(from placement: String) async throws -> Snapshot {
        let control: ControlClient
        do {
            control = try ControlClient(url: placement, actor: "hyperplane-traffic")
            let hosts = try await control.list(API.Host.self)
            guard let host = hosts.first else {
                throw RunFailure("the cluster has no host; `hyperplane host create` makes one")
            }
            return try await fetch(host.id, with: control)
        } catch let error as ControlError {
            throw RunFailure(error.description + (error.hint.map { "; " + $0 } ?? ""))
        }
    }

    private static func fetch(_ router: Identifier, with control: ControlClient) async throws
        -> Snapshot
    {
        let fetcher = SnapshotFetcher(client: control, reader: .router(router), directory: nil)
        switch await fetcher.fetch() {
        case .new(let snapshot): return snapshot
        case .failed(let error): throw error
        case .refused(_, let detail):
            throw RunFailure("\(control.url): the snapshot is not valid: \(detail)")
        case .unchanged: throw RunFailure("\(control.url): no snapshot came")
        }
    }

    private static func decode(_ bytes: [UInt8], from place: String) throws -> Snapshot {
        do {
            return try SnapshotDecoder.decode(bytes)
        } catch {
            throw RunFailure("\(place): the snapshot is not valid: \(error)")
        }
    }
}

extension Optional {
    /// The value, or what `other` gives.
    func orElse(_ other: () async throws -> Wrapped) async rethrows -> Wrapped {
        if let self { return self }
        return try await other()
    }
}
