// A world that sees every flow of every engine, and what is committed of each bucket: a bucket's next
// leader begins with that.

import Tables
import Wire

@testable import Consensus

/// What identifies a flow outside: no two live flows may share it.
struct OutsideKey: Hashable {
    var external: IPv6Address
    var port: Port
    var remote: IPv6Address
    var remotePort: Port
    var ipProtocol: IPProtocol

    init(_ port: LoanPort) {
        external = port.toward.external
        self.port = port.port
        remote = port.toward.remote
        remotePort = port.toward.remotePort
        ipProtocol = port.toward.ipProtocol
    }
}

/// A committed entry of a bucket, as far as ports go.
enum Committed {
    case loan(LoanEntry)
    case taken(LoanID, LoanPort)
    case own(LoanPort)
    case ended(LoanPort)
}

/// Sees all. Nothing that engines say of themselves counts, only which flows they have.
final class World {
    let quiet: UInt64
    private var live: [OutsideKey: Int] = [:]
    private var ended: [OutsideKey: Tick] = [:]
    private(set) var violations: [String] = []
    /// What is committed of all buckets, in order: a port goes from one to the other.
    private(set) var log: [(bucket: Int, entry: Committed)] = []

    init(quiet: UInt64) { self.quiet = quiet }

    var liveCount: Int { live.count }

    func note(_ entry: Committed, of bucket: BucketIndex) {
        log.append((Int(bucket.rawValue), entry))
    }

    /// The last entry of a bucket was never committed.
    func forgetLast(of bucket: Int) {
        if let place = log.lastIndex(where: { $0.bucket == bucket }) { log.remove(at: place) }
    }

    func begin(_ port: LoanPort, by engine: Int, at now: Tick) {
        let key = OutsideKey(port)
        if let other = live[key] {
            violations.append("port \(port.port.rawValue): engine \(engine) beside \(other)")
        }
        if let last = ended[key], now - last < quiet {
            violations.append("port \(port.port.rawValue): again after \(now - last) ns")
        }
        live[key] = engine
    }

    func end(_ port: LoanPort, at now: Tick) {
        let key = OutsideKey(port)
        if live.removeValue(forKey: key) == nil { violations.append("an unknown flow ended") }
        ended[key] = now
    }
}
