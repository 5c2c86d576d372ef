// What will happen, in order of time. Two events of one moment happen in the order in which they
// were planned, so that a seed always gives the same run.

/// What an event is.
enum EventKind: UInt8, Sendable, BitwiseCopyable {
    /// A datagram comes to its machine. `first`: its place in the network's store.
    case deliver
    /// An engine has a turn on what came. `first`: node, `second`: engine, `third`: the start.
    case turn
    /// An engine looks at what time made due. As `turn`.
    case tick
    /// A flow's client does its next step. `first`: flow, `third`: its timer's number.
    case client
    /// New flows of a workload. `first`: its place in the plan.
    case arrivals
    /// Somebody outside or a target answers. `first`: place in the store of replies.
    case reply
    /// A fault begins. `first`: its place in the plan.
    case fault
    /// A fault of a node ends. `first`: node, `second`: its kind, `third`: the start.
    case relief
    /// A node fetches its configuration. `first`: node, `third`: the start.
    case fetch
    /// A router or edge asks who leads. `first`: the machine.
    case subscribe
    /// The configuration changes. `first`: the change's place in the plan.
    case change
    /// The control plane looks at what it waits for.
    case control
    /// The checkers look at all that is stored.
    case audit
    /// Faults stop; from the second on, answers are demanded; the run ends.
    case calm, demand, end
}

/// One event.
struct Event: Sendable, BitwiseCopyable {
    var time: UInt64
    var order: UInt64 = 0
    var kind: EventKind
    var first: Int32 = 0
    var second: Int32 = 0
    var third: UInt32 = 0

    fileprivate func isBefore(_ other: Event) -> Bool {
        time != other.time ? time < other.time : order < other.order
    }
}

/// A binary heap of events.
struct EventQueue: Sendable {
    private var heap: [Event] = []
    private var planned: UInt64 = 0

    var isEmpty: Bool { heap.isEmpty }

    mutating func plan(
        _ kind: EventKind, at moment: Moment, _ first: Int = 0, _ second: Int = 0,
        _ third: UInt32 = 0
    ) {
        planned += 1
        heap.append(
            Event(
                time: moment.nanoseconds, order: planned, kind: kind, first: Int32(first),
                second: Int32(second), third: third))
        rise(heap.count - 1)
    }

    mutating func next() -> Event? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first
    }

    private mutating func rise(_ start: Int) {
        var place = start
        let event = heap[place]
        while place > 0 {
            let parent = (place - 1) / 2
            guard event.isBefore(heap[parent]) else { break }
            heap[place] = heap[parent]
            place = parent
        }
        heap[place] = event
    }

    private mutating func sink() {
        var place = 0
        let event = heap[0]
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(event) else { break }
            heap[place] = heap[child]
            place = child
        }
        heap[place] = event
    }
}
