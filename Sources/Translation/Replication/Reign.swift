// Whose word counts in a bucket: this engine's, while it leads it, or that of the entries that come
// from its leader. DESIGN part 5, rules 15 and 16.

import Configuration
import Tables
public import Wire

/// How an engine stands with one chain, a bucket of a group.
public struct Reign: Hashable, Sendable, BitwiseCopyable {
    /// It decides and ends here. False for followers, and for a new leader until the first entry of
    /// its own is committed.
    public var isLed: Bool
    /// When that first entry was committed, or heard to be by a follower: quiet times begin again there.
    public var since: Tick
    /// It is, as far as is known here. Before that no quiet time ends.
    public var isOpen = true
    /// All packets since then are noted in the records here; of earlier ones some may not be, so nobody
    /// counts as idle for longer. 0: from the start; `unknown` as long as another leads.
    public var knowsSince: Tick
    /// No port is given: what was given out before a loss of all copies is not known.
    public var isResting = false

    public static var unknown: Tick { Tick(rawValue: .max) }

    public init(isLed: Bool, since: Tick, knowsSince: Tick = Reign.unknown) {
        self.isLed = isLed
        self.since = since
        self.knowsSince = knowsSince
    }

    /// Of a chain that was led from the start.
    public static var always: Reign {
        Reign(isLed: true, since: Tick(rawValue: 0), knowsSince: Tick(rawValue: 0))
    }
    /// Of a chain whose leader, this engine or another, has just begun.
    public static var unopened: Reign {
        var reign = Reign(isLed: false, since: Tick(rawValue: 0))
        reign.isOpen = false
        return reign
    }

    private func ageCentiseconds(_ now: Tick) -> UInt64 { (now - since) / 10_000_000 }

    /// Whether a quiet time of so many centiseconds is over, as far as the reign has a say in it.
    // DESIGN part 5, rule 16: a new leader starts quiet times afresh; followers with it, so that the next
    // one finds all that still rests.
    func isOver(_ quietCentiseconds: UInt32, _ now: Tick) -> Bool {
        isOpen && (since.rawValue == 0 || ageCentiseconds(now) >= UInt64(quietCentiseconds))
    }

    /// What counts as idle time of a record that was last seen `idle` centiseconds ago, as far as is noted.
    // DESIGN part 5, rule 15: a touch that never came may have been of a moment ago.
    func idle(_ idle: UInt32, _ now: Tick) -> UInt32 {
        guard knowsSince.rawValue > 0 else { return idle }
        return UInt32(min(UInt64(idle), (now - knowsSince) / 10_000_000))
    }
}

extension Translator {
    /// Says how this engine stands with a chain from now on. What is not told is led, always.
    public mutating func setReign(chain: Int, _ reign: Reign) {
        while reigns.count <= chain { reigns.append(.always) }
        reigns[chain] = reign
    }

    public func reign(chain: Int) -> Reign {
        chain < reigns.count ? reigns[chain] : .always
    }

    /// The chain of a record.
    func chain<Record: FlowRecord>(of record: Record) -> Int {
        resources.chain(of: record.scope.resourceSlot, record.bucket)
    }

    /// Whether ports of a bucket may be given.
    // DESIGN part 5, rule 16.
    func givesPorts(_ resource: Int, _ bucket: BucketIndex) -> Bool {
        !reign(chain: resources.chain(of: resource, bucket)).isResting
    }

    func reign<Record: FlowRecord>(of record: Record) -> Reign {
        reign(chain: chain(of: record))
    }
}
