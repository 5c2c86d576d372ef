// Which port a new translation gets: random within the set (RFC 6056 §3.3.1), found fast however
// few are left, and refused only when none is.
//
// The flow table is the truth on which ports are in use; the allocator asks it through `isFree`.
// While many are free a few random probes find one. Where the probes fail, the destination gets a
// dense set: a bitmap filled by one scan of the port set, then kept exact by `portTaken` and
// `portFreed`, so that the last free port of a thousand is found by looking at sixteen words.

public import Wire

/// Chooses ports, does not give them: the caller creates the flow, whose key the flow table
/// refuses if it is there, and then tells `portTaken`.
///
/// Nothing is allocated after `init`.
public struct PortAllocator: ~Copyable {
    /// Random probes before a scan. Eight fail once in 256 when half of the ports are in use.
    @usableFromInline static let probes = 8
    /// How far ahead of the scan `prepare` is called.
    @usableFromInline static let lookahead = 16

    @usableFromInline var sets: DenseSets

    /// - Parameters:
    ///   - denseSets: destinations, by bucket, that can be nearly exhausted at one time before
    ///     every further choice for such a destination costs a scan.
    ///   - portsPerSet: the most ports that one set can have.
    public init(denseSets: Int, portsPerSet: Int, seed: UInt64) {
        precondition(denseSets >= 0 && portsPerSet > 0 && portsPerSet <= 1 << 16)
        sets = DenseSets(capacity: denseSets, portsPerSet: portsPerSet, seed: seed)
    }

    public var denseSetCount: Int { sets.count }
    public var denseSetCapacity: Int { sets.capacity }

    /// A free port toward `destination`, or the certainty that there is none.
    ///
    /// - Parameters:
    ///   - ports: the bucket's port set.
    ///   - start: a keyed hash of the flow. It decides the choice: see `foretell`.
    ///   - prepare: called some ports before `isFree`, to prefetch what it will read.
    ///   - isFree: whether no flow, ended ones in their quiet time included, has the port.
    @inlinable
    public mutating func choose(
        toward destination: PortDestination, from ports: ClosedRange<UInt16>, start: UInt64,
        prepare: (Port) -> Void = { _ in }, isFree: (Port) -> Bool
    ) -> PortChoice {
        let order = PortOrder(start: start, ports: ports)
        if let set = sets.find(destination) {
            if sets.covers(set, order) { return choose(from: set, order, isFree) }
            sets.release(set)
        }
        if let port = probe(order, isFree) { return .port(port) }
        guard let set = sets.make(destination, order) else { return scan(order, prepare, isFree) }
        for position in 0..<order.count {
            if position &+ PortAllocator.lookahead < order.count {
                prepare(order.port(at: position &+ PortAllocator.lookahead))
            }
            if isFree(order.port(at: position)) { sets.setFree(true, position, in: set) }
        }
        let choice = choose(from: set, order, isFree)
        releaseIfSparse(set)
        return choice
    }

    /// What `choose` would answer now, changing nothing.
    @inlinable
    public func foretell(
        toward destination: PortDestination, from ports: ClosedRange<UInt16>, start: UInt64,
        isFree: (Port) -> Bool
    ) -> PortChoice {
        let order = PortOrder(start: start, ports: ports)
        if let set = sets.find(destination), sets.covers(set, order) {
            return choose(from: set, order, isFree)
        }
        if let port = probe(order, isFree) { return .port(port) }
        return scan(order, { _ in }, isFree)
    }

    /// A flow now has the port. To be called for every one, chosen here or not.
    public mutating func portTaken(_ port: Port, toward destination: PortDestination) {
        guard let set = sets.find(destination), let position = sets.position(of: port, in: set)
        else { return }
        sets.setFree(false, position, in: set)
    }

    /// The port may be given again. To be called for every one.
    public mutating func portFreed(_ port: Port, toward destination: PortDestination) {
        guard let set = sets.find(destination), let position = sets.position(of: port, in: set)
        else { return }
        sets.setFree(true, position, in: set)
        releaseIfSparse(set)
    }

    /// Probes do well again under a quarter.
    @usableFromInline
    mutating func releaseIfSparse(_ set: Int) {
        if sets.used(set) * 4 < sets.portCount(set) { sets.release(set) }
    }
}

// MARK: The three ways to a port

extension PortAllocator {
    @inlinable
    // RFC 6056 §3.3.1: random within the set.
    func probe(_ order: PortOrder, _ isFree: (Port) -> Bool) -> Port? {
        for attempt in 0..<PortAllocator.probes {
            let port = order.port(at: order.position(attempt))
            if isFree(port) { return port }
        }
        return nil
    }

    /// The first port at or after a random one that the bitmap calls free. The flow table has the
    /// last word; it disagrees only if a `portTaken` was forgotten.
    @inlinable
    func choose(from set: Int, _ order: PortOrder, _ isFree: (Port) -> Bool) -> PortChoice {
        var position = order.position(PortAllocator.probes)
        for _ in 0..<order.count {
            guard let free = sets.firstFree(from: position, in: set) else { break }
            let port = order.port(at: free)
            if isFree(port) { return .port(port) }
            position = free + 1 == order.count ? 0 : free + 1
        }
        return .exhausted(used: order.count)
    }

    /// The same choice without a bitmap.
    @inlinable
    func scan(_ order: PortOrder, _ prepare: (Port) -> Void, _ isFree: (Port) -> Bool)
        -> PortChoice
    {
        var position = order.position(PortAllocator.probes)
        for _ in 0..<order.count {
            let ahead = position &+ PortAllocator.lookahead
            prepare(order.port(at: ahead < order.count ? ahead : position))
            let port = order.port(at: position)
            if isFree(port) { return .port(port) }
            position = position + 1 == order.count ? 0 : position + 1
        }
        return .exhausted(used: order.count)
    }
}

extension PortAllocator {
    /// Traps unless a destination's bitmap, if it has one, says of each port what `isFree` says.
    public func checkInvariants(
        toward destination: PortDestination, isFree: (Port) -> Bool
    ) {
        guard let set = sets.find(destination) else { return }
        let header = sets.header(set)
        var used = 0
        for position in 0..<header.portCount {
            let port = Port(header.lowest + UInt16(position))
            precondition(sets.isFree(position, in: set) == isFree(port), "a bitmap is wrong")
            used += sets.isFree(position, in: set) ? 0 : 1
        }
        precondition(used == header.used, "a bitmap is miscounted")
    }
}
