// What goes in and out of an engine's loans, as values.

public import Tables
public import Wire

/// Who leads a bucket, as an engine sees it.
public enum LoanRoute: Hashable, Sendable, BitwiseCopyable {
    /// Nobody that is known.
    case nobody
    /// This engine: no message is needed.
    case here
    /// The engine at the other end of this channel; of this node, or of another.
    case peer(Int, isOwnNode: Bool)

    var peer: Int? {
        if case .peer(let number, _) = self { number } else { nil }
    }
}

/// Why a flow gets no loan. Each has its own counter.
public enum LoanRefusal: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// Every other bucket has said, just now, that it has no free port for the destination.
    case portsExhausted
    /// No answer came in time, or the only ports left are those of a peer that is silent.
    case loanTimeout
    /// Too many packets of the tenant, or of all, wait for loans already.
    case loanQueueFull
    /// No room for another loan, here or at the lenders.
    case loanTableFull
    /// The tenant has as many loans as one may have.
    case tenantLoans
    /// No other bucket of the group has a leader that is known.
    case noLender
}

/// What a bucket's leader is told when it asks for a loan.
public enum LoanAnswer: Hashable, Sendable {
    /// Keep the packet: an outcome with its token will come, in this turn or later.
    case waiting
    case refused(LoanRefusal)
}

/// What became of a packet that waited.
public struct LoanOutcome: Hashable, Sendable {
    public enum Result: Hashable, Sendable {
        /// The flow may be created with this port; if it can't, `decline`.
        case granted(LoanPort)
        case refused(LoanRefusal)
    }

    public var token: UInt64
    public var result: Result
}

/// A bucket of this engine is asked for a port: to be answered in this turn.
public struct LoanAsk: Hashable, Sendable {
    public var id: LoanID
    /// `toward.bucket` is the lender.
    public var toward: PortDestination
    /// Who asked.
    var from: LoanRoute

    /// A bucket of this very engine asks.
    public var isFromHere: Bool { from == .here }
}

/// A change of a bucket that must be committed before anything is told of it.
public enum LoanEntry: Hashable, Sendable {
    /// The port is lent under this id.
    case loan(LoanID, LoanPort)
    /// The borrower closed the id.
    case giveBack(LoanID, LoanPort)
}

/// A loan that its borrower doesn't have: to be said once it is confirmed. DESIGN part 5, rule 11.
public struct LoanDenied: Hashable, Sendable {
    public var id: LoanID
    /// Who lent it.
    var lender: BucketIndex
}

extension LoanEntry {
    /// As the bucket's sequence has it.
    public var asFlowEntry: FlowEntry {
        switch self {
        case .loan(let id, let port): .loan(LoanGrant(id, port))
        case .giveBack(let id, let port): .giveBack(LoanGrant(id, port))
        }
    }

    /// The inverse; nil of what is no loan's.
    public init?(_ entry: FlowEntry) {
        switch entry {
        case .loan(let grant): self = .loan(grant.id, LoanPort(grant))
        case .giveBack(let grant): self = .giveBack(grant.id, LoanPort(grant))
        default: return nil
        }
    }

    /// The loan, and the port with the bucket that lends it.
    public var grant: (id: LoanID, port: LoanPort) {
        switch self {
        case .loan(let id, let port), .giveBack(let id, let port): (id, port)
        }
    }
}

/// A message to the engine at the other end of a channel.
public struct LoanDispatch: Hashable, Sendable {
    public var peer: Int
    public var message: PeerMessage
}

/// Where the inbound packets of a lent port go.
public struct LoanBorrower: Hashable, Sendable {
    public var bucket: BucketIndex
    public var route: LoanRoute
}

/// How a port of this engine's port sets stands.
public enum LentState: Hashable, Sendable {
    case notLent
    /// Its inbound packets go to the borrower.
    case lent(LoanBorrower)
    /// Given back, or about to be; nobody may use it yet, and its packets go nowhere.
    case quiet
}
