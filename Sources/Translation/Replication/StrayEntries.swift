// Committed entries of a resource that this node's configuration doesn't name yet: its leader learned of
// the resource a moment earlier. They wait, in order, for the configuration to come.

import Configuration
public import Tables
public import Wire

/// Entries that wait. Fixed capacity: what is beyond it is a loss, and counted as one.
struct StrayEntries: Sendable {
    private struct Stray: Sendable {
        var entry: FlowEntry
        var bucket: BucketIndex
        var chain: Int
    }

    static let capacity = 4096
    private var strays: [Stray] = []

    var count: Int { strays.count }

    /// Keeps an entry; false if there is no room.
    mutating func keep(_ entry: FlowEntry, _ bucket: BucketIndex, chain: Int) -> Bool {
        if case .end(let end) = entry {
            // Nothing is left to be told of it.
            strays.removeAll { $0.chain == chain && $0.entry.name == end.name }
            return true
        }
        guard strays.count < Self.capacity else { return false }
        strays.append(Stray(entry: entry, bucket: bucket, chain: chain))
        return true
    }

    mutating func discard(chain: Int) { strays.removeAll { $0.chain == chain } }

    /// Takes out those that `isKnown` says may be replayed, in order.
    mutating func take(
        where isKnown: (ResourceID) -> Bool
    ) -> [(entry: FlowEntry, bucket: BucketIndex, chain: Int)] {
        guard !strays.isEmpty else { return [] }
        let known = strays.filter { $0.entry.resource.map(isKnown) ?? false }
        guard !known.isEmpty else { return [] }
        strays.removeAll { $0.entry.resource.map(isKnown) ?? false }
        return known.map { ($0.entry, $0.bucket, $0.chain) }
    }
}

extension Translator {
    /// Takes the entries in that waited for a configuration. To be called after every `apply`.
    ///
    /// - Parameter lose: called with the chain of each that could not be taken.
    public mutating func replayStrays(
        _ flowsV4: inout FlowTable<IPv4FlowLayout>, _ flowsV6: inout FlowTable<IPv6FlowLayout>,
        at now: Tick, lose: (_ chain: Int) -> Void = { _ in }
    ) {
        guard strays.count > 0 else { return }
        var waiting = strays
        let known = waiting.take { isNamed($0) }
        strays = waiting
        for stray in known {
            let outcome = replay(stray.entry, bucket: stray.bucket, &flowsV4, &flowsV6, at: now)
            if outcome.isLoss { lose(stray.chain) }
        }
    }

    /// Entries that wait for a configuration that names their resource.
    public var strayCount: Int { strays.count }
}

extension FlowEntry {
    /// Whose record it is about.
    var resource: ResourceID? {
        switch self {
        case .loan(let loan), .giveBack(let loan): loan.destination.resource
        case .lent(let transfer): transfer.grant.destination.resource
        default: name?.resource
        }
    }

    /// The name of the record that it is about; nil of loans and of what is about none.
    var name: FlowName? {
        switch self {
        case .create(let creation): creation.name
        case .record(let transfer): transfer.creation.name
        case .end(let end): end.name
        case .sticky(let record): record.name
        case .touch(let touch): touch.name
        case .empty, .loan, .giveBack, .lent: nil
        }
    }
}
