// The entries to replication, one a family, as in Translator+Families: they make the generic code
// behind them concrete in this module.

public import Tables
public import Wire

extension Translator {
    /// The creation of this record, or its return to life, is committed.
    public mutating func settle(_ handle: FlowHandle, in flows: inout FlowTable<IPv4FlowLayout>) {
        settle(handle, table: &flows)
    }

    /// The same for IPv6.
    public mutating func settle(_ handle: FlowHandle, in flows: inout FlowTable<IPv6FlowLayout>) {
        settle(handle, table: &flows)
    }

    /// The end of this record is committed: a flow's quiet time begins, other records go. What is to be
    /// told of a flow; nil if nothing.
    public mutating func finishEnd(
        _ proposal: EndProposal, in flows: inout FlowTable<IPv4FlowLayout>, at now: Tick
    ) -> FlowEnding? { finishEnd(proposal.handle, proposal.reason, table: &flows, now) }

    /// The same for IPv6.
    public mutating func finishEnd(
        _ proposal: EndProposal, in flows: inout FlowTable<IPv6FlowLayout>, at now: Tick
    ) -> FlowEnding? { finishEnd(proposal.handle, proposal.reason, table: &flows, now) }

    /// Takes back a decision about this record that will never be committed: a flow that was to begin
    /// is gone, one that was to end lives on, one that was to come back is quiet again.
    public mutating func undo(
        _ handle: FlowHandle, in flows: inout FlowTable<IPv4FlowLayout>, at now: Tick
    ) { undo(handle, table: &flows, now) }

    /// The same for IPv6.
    public mutating func undo(
        _ handle: FlowHandle, in flows: inout FlowTable<IPv6FlowLayout>, at now: Tick
    ) { undo(handle, table: &flows, now) }

    /// The entry that a record's creation is, or its return to life, or a sticky record's beginning.
    public func entry(
        creating handle: FlowHandle, in flows: borrowing FlowTable<IPv4FlowLayout>
    ) -> FlowEntry? { entry(creating: handle, table: flows) }

    /// The same for IPv6.
    public func entry(
        creating handle: FlowHandle, in flows: borrowing FlowTable<IPv6FlowLayout>
    ) -> FlowEntry? { entry(creating: handle, table: flows) }

    /// The entry that a record's end is.
    public func entry(
        ending proposal: EndProposal, in flows: borrowing FlowTable<IPv4FlowLayout>
    ) -> FlowEntry { entry(ending: proposal.handle, proposal.reason, table: flows) }

    /// The same for IPv6.
    public func entry(
        ending proposal: EndProposal, in flows: borrowing FlowTable<IPv6FlowLayout>
    ) -> FlowEntry { entry(ending: proposal.handle, proposal.reason, table: flows) }

    /// What state transfer tells of a record; nil if another entry of the stream tells it.
    public func recordEntry(
        _ handle: FlowHandle, in flows: borrowing FlowTable<IPv4FlowLayout>, at now: Tick
    ) -> FlowEntry? { recordEntry(handle, table: flows, now) }

    /// The same for IPv6.
    public func recordEntry(
        _ handle: FlowHandle, in flows: borrowing FlowTable<IPv6FlowLayout>, at now: Tick
    ) -> FlowEntry? { recordEntry(handle, table: flows, now) }

    /// Visits up to `limit` slots of the table and tells what followers don't know yet of flows in
    /// chains that this engine leads: those whose state has changed, and those that were seen within
    /// the last eighth of their idle time or so. True if that was the last of a round over the table:
    /// what was due when the round began has been told.
    public mutating func collectTouches(
        in flows: inout FlowTable<IPv4FlowLayout>, limit: Int, at now: Tick,
        tell: (TouchNotice) -> Void
    ) -> Bool {
        let (next, isRoundOver) = collectTouches(
            table: &flows, touchesV4, limit: limit, now, tell: tell)
        touchesV4 = next
        return isRoundOver
    }

    /// The same for IPv6.
    public mutating func collectTouches(
        in flows: inout FlowTable<IPv6FlowLayout>, limit: Int, at now: Tick,
        tell: (TouchNotice) -> Void
    ) -> Bool {
        let (next, isRoundOver) = collectTouches(
            table: &flows, touchesV6, limit: limit, now, tell: tell)
        touchesV6 = next
        return isRoundOver
    }

    /// Removes up to `limit` records of a chain from each table and gives back all that they held.
    /// True if the chain is empty; else call again.
    @discardableResult
    public mutating func discard(
        chain: Int, limit: Int = .max, _ flowsV4: inout FlowTable<IPv4FlowLayout>,
        _ flowsV6: inout FlowTable<IPv6FlowLayout>, at now: Tick
    ) -> Bool {
        strays.discard(chain: chain)
        let v4 = discard(chain: chain, limit: limit, table: &flowsV4)
        let v6 = discard(chain: chain, limit: limit, table: &flowsV6)
        return v4 && v6
    }
}
