// Followers say how far they have come, cumulatively, and only in the view that they have installed and
// have promised nothing above. DESIGN part 5, rule 7.

import Tables
import Wire

extension Replica {
    /// A follower's word on how far its copy reaches.
    mutating func acknowledged(_ mark: BucketMark, _ context: MarksContext, from node: NodeID) {
        guard isHere(mark.bucket), let slot = slots[context.group].map(Int.init),
            groups[slot].isThawed, let view = groups[slot].view, view.ballot == context.ballot,
            let seat = view.seat(of: node)
        else { return }
        let copy = copy(group: slot, mark.bucket)
        let index = copy.index
        guard copies[index].role == .leader || copies[index].role == .handingOver,
            mark.term == UInt8(truncatingIfNeeded: copies[index].term) & 0x7F
        else { return }
        let place = mark.sequence(near: copies[index].last)
        guard place <= copies[index].last else { return }
        if place > copies[index].acknowledged[seat] {
            copies[index].acknowledged[seat] = place
            copies[index].resendWait = settings.firstResendNanoseconds
        }
        if mark.isFull, !copies[index].fullSeats.contains(seat: seat) {
            copies[index].fullSeats.formUnion(SeatSet(seat: seat))
            copies[index].wanting = copies[index].wanting.without(seat)
        } else if !mark.isFull, copies[index].fullSeats.contains(seat: seat) {
            refill(copy, seat: seat)
        }
        advance(copy)
    }
}
