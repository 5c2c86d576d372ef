// Where the snapshot comes from: the placement service, or a file.

import AsyncHTTPClient
import Configuration
import ControlClient
import Foundation
import NIOCore
import NIOHTTP1

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
            return try await fetch(host.id, from: control.url)
        } catch let error as ControlError {
            throw RunFailure(error.description + (error.hint.map { "; " + $0 } ?? ""))
        }
    }

    private static func fetch(_ router: Identifier, from url: String) async throws -> Snapshot {
        let request = HTTPClientRequest(url: "\(url)/v1/snapshots/router/\(router)")
        do {
            let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
            let body = try await answer.body.collect(upTo: 256 << 20)
            guard answer.status.code == 200 else {
                throw RunFailure("\(url) answers \(answer.status) instead of the snapshot")
            }
            return try decode(Array(body.readableBytesView), from: url)
        } catch let error as RunFailure { throw error } catch {
            throw RunFailure("\(url): the snapshot can't be fetched: \(error)")
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
