// When an engine that lost its memory may give ports again. It doesn't know which of its ports are on
// loan from its life before; whoever has one ends that flow as it hears of the new start, or, if it
// can't hear, when no reminder came for too long. One copy needs this; replicas keep the records.

public import Wire

extension PeerExchange {
    /// Whether ports of this engine's sets may be given, to its own flows or on loan.
    ///
    /// At a node's first start at once, for it never gave any. Later when every peer knows of this
    /// start and the quiet time since then is over; or, whoever is silent, when the confirmation time
    /// is over since the last reminder of the life before can have come, and then the quiet time: no
    /// packet lives longer than that. And never before the time that is set for a loss of memory.
    /// Once true it stays so. Ask once a turn.
    // RFC 6888 §3 REQ-8: a port isn't used anew too soon after a loss of state either.
    public mutating func mayGivePorts(at now: Tick) -> Bool {
        // Replicas know what was given.
        if startup.isOver || !isFixed || own.incarnation.counter == 1 { return true }
        let began = startup.began ?? now
        startup.began = began
        if startup.greeted == nil, channels.areAllKnown { startup.greeted = now }
        startup.isOver = now >= portsRestUntil(began)
        return startup.isOver
    }

    private func portsRestUntil(_ began: Tick) -> Tick {
        let quiet = loans.settings.quietNanoseconds
        let unheard = began + loans.settings.confirmationNanoseconds + 2 * quiet
        let known = startup.greeted.map { min($0 + quiet, unheard) } ?? unheard
        return max(known, began + loans.settings.lossQuietNanoseconds)
    }

    /// How long `mayGivePorts` stays false yet, if nobody new is silent; 0 if it is true.
    public func portsRestNanoseconds(at now: Tick) -> UInt64 {
        guard !startup.isOver, isFixed, own.incarnation.counter > 1, let began = startup.began
        else {
            return 0
        }
        let until = portsRestUntil(began)
        return until > now ? until - now : 0
    }
}

/// How far a start has come.
struct Startup {
    /// When it was first asked for.
    var began: Tick?
    /// When the last peer had heard of it.
    var greeted: Tick?
    var isOver = false
}
