// What the node's membership did, as lines of the log: who was lost, which view came, and why. Written
// on a thread of its own, since an engine can't wait for a log.

import Configuration
import Consensus
import ControlClient
import Dispatch
import LinuxIO
import Logging
import Synchronization
import Wire

/// Safe from any thread.
final class MemberJournal: Sendable {
    private let logger: Logger
    private let queue = DispatchQueue(label: "journal")
    private let names = Mutex<[UInt64: String]>([:])
    private let hasSaidPriority = Mutex(false)

    init(_ logger: Logger) { self.logger = logger }

    /// By which names nodes are called from now on.
    func name(_ nodes: [NodeEntry]) {
        names.withLock { names in
            for node in nodes { names[node.id.rawValue] = node.name }
        }
    }

    func write(_ notice: MemberNotice) { queue.async { [self] in log(notice) } }

    /// How an engine's thread came to be scheduled: said once, for all of them.
    func note(_ outcome: Result<Void, IOError>) {
        let isFirst = hasSaidPriority.withLock { said in
            defer { said = true }
            return !said
        }
        guard isFirst, case .failure(let error) = outcome else { return }
        queue.async { [logger] in
            logger.warning(
                """
                engines run without real-time priority, so that a busy machine may hold them up for \
                longer than their peers wait (\(error)); allow it by CAP_SYS_NICE or \
                LimitRTPRIO=1
                """)
        }
    }

    private func log(_ notice: MemberNotice) {
        switch notice {
        case .lost(let node, let silence):
            logger.warning(
                "a node answers no more",
                metadata: ["node": "\(name(of: node))", "silence": "\(milliseconds(silence))"])
        case .found(let node):
            logger.notice("a node answers", metadata: ["node": "\(name(of: node))"])
        case .stoodStill(let nanoseconds):
            logger.notice(
                "this node stood still", metadata: ["for": "\(milliseconds(nanoseconds))"])
        case .proposed(let group, let ballot, let reason):
            logger.info(
                "proposing a view",
                metadata: metadata(group, ballot).merging(["reason": "\(reason.rawValue)"]) { $1 })
        case .installed(let group, let ballot, let missing):
            let names = missing.map(name(of:)).joined(separator: ",")
            logger.info(
                "a view runs",
                metadata: metadata(group, ballot).merging(["without": "\(names)"]) { $1 })
        }
    }

    private func metadata(_ group: UInt64, _ ballot: Ballot) -> Logger.Metadata {
        [
            "group": "\(String(group, radix: 16))",
            "ballot": "\(ballot.generation).\(ballot.number) of \(name(of: ballot.proposer))",
        ]
    }

    private func name(of node: NodeID) -> String {
        names.withLock { $0[node.rawValue] } ?? "\(Identifier(.node, node.rawValue))"
    }

    private func milliseconds(_ nanoseconds: UInt64) -> String {
        "\(nanoseconds / 1_000_000) ms"
    }
}
