// Ports on loan between buckets, for one engine: as borrower, when a bucket of its own has no free
// port toward a destination, and as lender, when another bucket asks. DESIGN part 5, rule 17.
//
// A loan is named by its borrower, ended by its borrower alone, and never by time; both sides of it are
// committed in their buckets, so that every leader knows them. So no port is ever given twice, whatever is
// lost, copied or late, and whoever dies.

import Tables
import Wire

/// The loans of one engine's buckets.
///
/// - Getters: `counters`, `lentState(of:)`, `isTaken(_:)`, `id(of:)`, `hasLoans(where:)`, `wakeAt`.
/// - Inputs: `handle(_:from:at:)` (messages), `peerRestarted(_:at:)`, `tick(_:)`; what is committed:
///   `committed`, `undone`, `take`, `release`, `forget`, `discard`; what a view says: `setBeginnings`.
/// - Commands: `setRoute`, `begin`, `open` and `cease` (of a reign), `follow` and `hear` (of another's),
///   `request`, `answer`, `decline`, `deny`, `portFreed`.
/// - Outputs, each drained until nil, round and round until none gives anything more:
///   1. `pollAsk()`: a bucket of this engine is asked for a port; `answer` it in the same turn.
///   2. `pollEntry()`: changes to be replicated. `committed` or `undone` says what became of each;
///      before that nothing is told of them.
///   3. `pollOutcome()`: packets that waited and may go on, or not.
///   4. `pollFreed()`: ports of this engine's sets that may be given again.
///   5. `pollDenial()`: loans that a bucket of this engine doesn't have: `deny` them once a follower
///      has confirmed that it leads still. May be dropped.
///   6. `pollVoid()`: loans taken that their lenders know nothing of any more: the flows on them end,
///      before anything else is decided.
///   7. `pollDispatch()`: messages to peers, to be enqueued on their channels. If a channel is full
///      the message may be dropped: every one of them is made good later.
///
/// All memory is reserved at `init`.
public struct Loans: ~Copyable {
    public internal(set) var settings: LoanSettings
    public internal(set) var counters = LoanCounters()

    let hash: LoanHash
    var routes: LoanRoutes
    /// By chain: of the buckets that this engine leads.
    var reigns: [LoanReign?]
    /// By chain: whether quiet times run, since the leader's reign is known to have opened.
    var areTimed: [Bool]
    /// By chain: the view in which the bucket began with nothing, once one with it is active.
    var beginnings: [Ballot]
    var scarcity: Scarcity
    /// By port and by id.
    var held: LoanTable<HeldLoan>
    var heldByID: IdentifierMap
    var lent: LoanTable<LentLoan>
    var lentByID: IdentifierMap
    /// By chain: loans that the bucket took, and gave.
    var heldOf: SlotLists
    var lentOf: SlotLists
    var requests: LoanTable<OpenRequest>
    var searches: LoanTable<Search>
    var waiters: LoanTable<Waiter>
    /// By search, in the order in which they came.
    var waitersOf: SlotLists
    var tenants: TenantLoans
    /// By peer: until when it is passed over.
    var silentUntil: [Tick]
    var nextCounter: UInt64 = 1

    var asks: Outbox<LoanAsk>
    var entries: Outbox<LoanEntry>
    var denials: Outbox<LoanDenied>
    var voids: Outbox<LoanPort>
    var outcomes: Outbox<LoanOutcome>
    var freed: Outbox<LoanPort>
    var dispatches: Outbox<LoanDispatch>
    /// Searches whose requests are void, while they are gathered.
    var abandoned: Outbox<Int>

    enum HeldList {
        static let held = 1
        static let count = 2
    }

    enum LentList {
        /// The loan waits for its commitment.
        static let granting = 1
        static let standing = 2
        /// Its end does.
        static let returning = 3
        static let quiet = 4
        /// The loan stands; another engine leads the bucket, or this one from a moment ago.
        static let copied = 5
        /// As quiet, but the time doesn't run before the reign of the bucket's leader has opened.
        static let unopened = 6
        static let count = 7
    }

    /// - Parameter seed: keys the hashes and the order in which lenders are asked.
    public init(_ settings: LoanSettings, seed: UInt64) {
        settings.check()
        self.settings = settings
        let chains = settings.groupCapacity * settings.bucketCount
        reigns = Array(repeating: nil, count: chains)
        areTimed = Array(repeating: true, count: chains)
        beginnings = Array(repeating: .none, count: chains)
        heldOf = SlotLists(slots: settings.heldCapacity, lists: chains)
        lentOf = SlotLists(slots: settings.lentCapacity, lists: chains)
        hash = LoanHash(seed: SipHash13(key0: seed, key1: 0).finish())
        routes = LoanRoutes(
            groupCapacity: settings.groupCapacity, bucketCount: settings.bucketCount,
            seed: hash.seed)
        scarcity = Scarcity(
            capacity: settings.scarceCapacity, bucketCount: settings.bucketCount,
            staleness: settings.stalenessNanoseconds, hash: hash)
        held = LoanTable(
            capacity: settings.heldCapacity, lists: HeldList.count, seed: hash.seed)
        heldByID = IdentifierMap(capacity: settings.heldCapacity, seed: hash.seed)
        lent = LoanTable(
            capacity: settings.lentCapacity, lists: LentList.count, seed: hash.seed)
        lentByID = IdentifierMap(capacity: settings.lentCapacity, seed: hash.seed)
        let requestCapacity = settings.searchCapacity * settings.requestsPerSearch
        requests = LoanTable(capacity: requestCapacity, lists: 2, seed: hash.seed)
        searches = LoanTable(capacity: settings.searchCapacity, lists: 2, seed: hash.seed)
        waiters = LoanTable(capacity: settings.waiterCapacity, lists: 2, seed: hash.seed)
        waitersOf = SlotLists(slots: settings.waiterCapacity, lists: settings.searchCapacity)
        tenants = TenantLoans(settings)
        silentUntil = Array(repeating: Tick(rawValue: 0), count: settings.peerCapacity)
        asks = Outbox(reserving: requestCapacity)
        entries = Outbox(reserving: 1024)
        denials = Outbox(reserving: 64)
        voids = Outbox(reserving: 64)
        outcomes = Outbox(reserving: settings.waiterCapacity)
        freed = Outbox(reserving: 1024)
        dispatches = Outbox(reserving: 1024)
        abandoned = Outbox(reserving: requestCapacity)
    }

    public mutating func pollAsk() -> LoanAsk? { asks.pop() }
    public mutating func pollEntry() -> LoanEntry? { entries.pop() }
    public mutating func pollOutcome() -> LoanOutcome? { outcomes.pop() }
    public mutating func pollDenial() -> LoanDenied? { denials.pop() }
    public mutating func pollVoid() -> LoanPort? { voids.pop() }
    public mutating func pollFreed() -> LoanPort? { freed.pop() }
    public mutating func pollDispatch() -> LoanDispatch? { dispatches.pop() }
}

/// How many loans and waiting packets each tenant has. Those beyond the capacity share the last
/// place.
struct TenantLoans {
    private(set) var held: [Int32]
    private(set) var lent: [Int32]
    private(set) var waiting: [Int32]

    init(_ settings: LoanSettings) {
        held = Array(repeating: 0, count: settings.tenantCapacity)
        lent = held
        waiting = held
    }

    func place(_ tenant: Int) -> Int { min(tenant, held.count - 1) }
    func held(_ tenant: Int) -> Int { Int(held[place(tenant)]) }
    func lent(_ tenant: Int) -> Int { Int(lent[place(tenant)]) }
    func waiting(_ tenant: Int) -> Int { Int(waiting[place(tenant)]) }
    mutating func addHeld(_ tenant: Int, _ change: Int32) { held[place(tenant)] += change }
    mutating func addLent(_ tenant: Int, _ change: Int32) { lent[place(tenant)] += change }
    mutating func addWaiting(_ tenant: Int, _ change: Int32) { waiting[place(tenant)] += change }
}
