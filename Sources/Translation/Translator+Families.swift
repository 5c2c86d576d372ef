// The entries to a translator, one a family. They make the generic code behind them concrete in
// this module: called from another one it would run through tables of witnesses, at ten times the
// cost.

public import Tables
public import Wire

extension Translator {
    /// Translates one packet of a bucket that this engine leads.
    ///
    /// `hash` is its key's in `flows`, `packet` its bytes. The caller rewrites the packet as the
    /// departure says, and counts. `decided` is set if the packet began a flow: its record must be
    /// committed before the packet is released.
    public mutating func translate(
        _ arrival: Arrival, _ packet: RawSpan, hash: UInt64,
        in flows: inout FlowTable<IPv4FlowLayout>, now: Tick, decided: inout FlowHandle?,
        hint: LoanHint
    ) -> Verdict {
        let key = IPv4FlowKey(
            arrival.summary.tuple, scope: arrival.scope, direction: arrival.direction)
        return translate(
            arrival, packet, key: key, hash: hash, in: &flows, now: now, decided: &decided,
            hint: hint)
    }

    /// The same for IPv6.
    public mutating func translate(
        _ arrival: Arrival, _ packet: RawSpan, hash: UInt64,
        in flows: inout FlowTable<IPv6FlowLayout>, now: Tick, decided: inout FlowHandle?
    ) -> Verdict {
        let key = IPv6FlowKey(
            arrival.summary.tuple, scope: arrival.scope, direction: arrival.direction)
        return translate(
            arrival, packet, key: key, hash: hash, in: &flows, now: now, decided: &decided)
    }

    /// What `translate` would do; nothing changes that a packet could notice.
    public mutating func rehearse(
        _ arrival: Arrival, in flows: borrowing FlowTable<IPv4FlowLayout>
    ) -> Rehearsal { rehearse(arrival, inTable: flows) }

    /// The same for IPv6.
    public mutating func rehearse(
        _ arrival: Arrival, in flows: borrowing FlowTable<IPv6FlowLayout>
    ) -> Rehearsal { rehearse(arrival, inTable: flows) }

    /// Visits up to `limit` slots of the table, removes what has been quiet for long enough, and
    /// proposes the end of what has been idle for too long. `onEnd` is told of each record whose end
    /// is due: it is marked, and lives until `finishEnd`.
    public mutating func sweep(
        _ flows: inout FlowTable<IPv4FlowLayout>, limit: Int, now: Tick,
        onEnd: (EndProposal) -> Void
    ) { sweep(table: &flows, limit: limit, now: now, onEnd: onEnd) }

    /// The same for IPv6.
    public mutating func sweep(
        _ flows: inout FlowTable<IPv6FlowLayout>, limit: Int, now: Tick,
        onEnd: (EndProposal) -> Void
    ) { sweep(table: &flows, limit: limit, now: now, onEnd: onEnd) }
}
