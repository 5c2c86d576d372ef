// How loans are found: by id, and by destination and port. Both names are long, so they are looked up
// by a keyed hash, and what is found is compared with what was asked for.

public import Tables
public import Wire

/// A port toward a destination. `toward.bucket` is the lender, whose port set the port is of.
public struct LoanPort: Hashable, Sendable, BitwiseCopyable {
    public var toward: PortDestination
    public var port: Port

    public init(_ port: Port, toward: PortDestination) {
        self.port = port
        self.toward = toward
    }
}

extension LoanPort {
    /// A port as a message names it.
    public init(_ grant: LoanGrant) {
        self.init(grant.port, toward: PortDestination(grant.destination))
    }
}

extension LoanGrant {
    init(_ id: LoanID, _ port: LoanPort) {
        self.init(id: id, destination: LoanDestination(port.toward), port: port.port)
    }
}

extension PortDestination {
    /// A destination as a message names it.
    public init(_ destination: LoanDestination) {
        self.init(
            scope: destination.resource, ipProtocol: destination.ipProtocol,
            external: .v6(destination.external), remote: .v6(destination.remote),
            remotePort: destination.remotePort, bucket: destination.lender)
    }

    /// The same destination out of another bucket's port set.
    func of(_ bucket: BucketIndex) -> PortDestination {
        var other = self
        other.bucket = bucket
        return other
    }
}

extension LoanDestination {
    init(_ destination: PortDestination) {
        self.init(
            resource: destination.scope, external: destination.external,
            remote: destination.remote, remotePort: destination.remotePort,
            ipProtocol: destination.ipProtocol, lender: destination.bucket)
    }
}

/// The hash that all tables of one engine use.
struct LoanHash {
    let seed: UInt64

    func of(_ destination: PortDestination, port: Port = Port(0)) -> UInt64 {
        var hash = SipHash13(key0: seed, key1: 1)
        hash.combine(destination.scope.rawValue)
        hash.combine(destination.external.high)
        hash.combine(destination.external.low)
        hash.combine(destination.remote.high)
        hash.combine(destination.remote.low)
        hash.combine(
            UInt64(port.rawValue) << 48 | UInt64(destination.remotePort.rawValue) << 32
                | UInt64(destination.bucket.rawValue) << 8
                | UInt64(destination.ipProtocol.rawValue))
        return hash.finish()
    }

    func of(_ id: LoanID) -> UInt64 {
        var hash = SipHash13(key0: seed, key1: 2)
        hash.combine(id.group)
        hash.combine(id.ballot.number)
        hash.combine(id.ballot.proposer.rawValue)
        hash.combine(UInt64(id.ballot.generation) << 32 | UInt64(id.term))
        hash.combine(id.counter)
        hash.combine(UInt64(id.bucket.rawValue))
        return hash.finish()
    }
}
