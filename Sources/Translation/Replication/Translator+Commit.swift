// What becomes of a record when the decision about it is committed, or never will be.

import Configuration
import Tables
import Wire

extension Translator {
    /// The creation, or the return to life, of a record is committed.
    mutating func settle<Layout: TranslationLayout>(
        _ handle: FlowHandle, table flows: inout FlowTable<Layout>
    ) {
        guard flows.isLive(handle), flows[hot: handle].awaitsCommitment else { return }
        flows[hot: handle].commitment = .settled
    }

    /// The end of a record is committed: a flow's quiet time begins, other records go. What is to be
    /// told of a flow; nil if nothing. `isOwn`: this engine decided it, and counts it.
    mutating func finishEnd<Layout: TranslationLayout>(
        _ handle: FlowHandle, _ reason: EndReason, table flows: inout FlowTable<Layout>,
        _ now: Tick, isOwn: Bool = true
    ) -> FlowEnding? {
        guard flows.isLive(handle) else { return nil }
        let record = flows[hot: handle]
        switch record.state {
        case .quiet, .lent:
            return nil
        case .sticky:
            forget(record)
            flows.remove(handle)
            return nil
        default: break
        }
        let ending = FlowEnding(
            reason, of: record, flows[cold: handle],
            resource: resources.resources[record.scope.resourceSlot].id,
            client: attachment(record.clientAttachment),
            target: attachment(record.targetAttachment))
        if isOwn { ended(record) } else { untally(record) }
        switch reason {
        case .idle, .addressLost, .targetTerminated:
            // DESIGN part 5, rule 17: the loan is over with the flow's end, so nobody may bring it back;
            // the port's quiet time is its lender's.
            if borrowedPort(of: record) != nil {
                forget(record)
                flows.remove(handle)
            } else {
                rest(handle, table: &flows, now)
            }
            return ending
        case .returnTaken:
            forget(record)
            flows.remove(handle)
            rememberCollision(of: record, &flows, now)
            return nil
        }
    }

    /// Begins a record's quiet time.
    mutating func rest<Layout: TranslationLayout>(
        _ handle: FlowHandle, table flows: inout FlowTable<Layout>, _ now: Tick
    ) {
        flows[hot: handle].state = .quiet
        flows[hot: handle].commitment = .settled
        flows[hot: handle].lastSeenCentiseconds = now.centiseconds
    }

    /// Takes back a decision of this engine that will never be committed: a flow that was to begin is
    /// gone, one that was to end lives on, one that was to come back is quiet again.
    mutating func undo<Layout: TranslationLayout>(
        _ handle: FlowHandle, table flows: inout FlowTable<Layout>, _ now: Tick
    ) {
        guard flows.isLive(handle) else { return }
        let record = flows[hot: handle]
        switch record.commitment {
        case .settled: break
        case .ending: flows[hot: handle].commitment = .settled
        case .reviving:
            ended(record)
            rest(handle, table: &flows, now)
        case .creating:
            if record.state != .sticky { ended(record) }
            // Whoever lent the port is answered by the bucket's leader.
            forget(record, .undone)
            flows.remove(handle)
        }
    }

    /// What a record's index stands for; of none, an edge that is nowhere.
    func attachment(_ index: AttachmentIndex) -> Attachment {
        guard index != .none else {
            return Attachment(.edge, vni: .outside, identity: 0, eni: .none, machine: nil)
        }
        return attachments[index]
    }
}
