// The node's side of the control plane: say where it is, then fetch its configuration every second.

import Configuration
import ControlClient
import Logging
import Operations
import Wire

extension NodeDaemon {
    /// Tells the placement service where this node is, again and again until it has understood.
    func register(_ client: ControlClient) async {
        let registration = API.Node.Creation(
            name: options.name, zone: options.zone, address: options.address.description,
            operations: "\(endpoint.host):\(endpoint.port)")
        var said = ""
        while !Task.isCancelled {
            do throws(ControlError) {
                try await client.registerNode(
                    Identifier(.node, identity.id.rawValue), registration)
                logger.info("registered", metadata: ["placement": "\(client.url)"])
                return
            } catch {
                // Said once, not every second.
                if said != "\(error)" { logger.warning("not registered: \(error)") }
                said = "\(error)"
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Static stability: the last good snapshot is served by before the first one is fetched.
    func startFromDisk(_ fetcher: SnapshotFetcher) async {
        switch await fetcher.loadFromDisk() {
        case .new(let snapshot):
            logger.info(
                "serving by the snapshot on disk", metadata: ["version": "\(snapshot.version)"])
            adopt(snapshot, from: .disk)
        case .refused(let refusal, let detail):
            logger.error(
                "the snapshot on disk is refused: \(refusal.rawValue)",
                metadata: ["detail": "\(detail)"])
        case .unchanged, .failed, nil: break
        }
        operations.setSnapshotCounters(await fetcher.counters)
    }

    func handle(_ outcome: FetchOutcome) {
        switch outcome {
        case .new(let snapshot):
            logger.info("new configuration", metadata: ["version": "\(snapshot.version)"])
            adopt(snapshot, from: .service)
        case .unchanged:
            operations.noteFetch()
        case .refused(let refusal, let detail):
            logger.error("snapshot refused: \(refusal.rawValue)", metadata: ["detail": "\(detail)"])
        case .failed(let error):
            logger.debug("no snapshot: \(error)")
        }
    }
}
