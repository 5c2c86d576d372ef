// What a state machine has to tell, in order, until its owner has taken it.

/// A queue that keeps its memory. It grows beyond what was reserved only if its owner lets outputs
/// gather over many calls.
struct Outbox<Element> {
    private var elements: [Element] = []
    private var taken = 0

    init(reserving count: Int) { elements.reserveCapacity(count) }

    var count: Int { elements.count - taken }

    var isEmpty: Bool { taken == elements.count }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func pop() -> Element? {
        guard taken < elements.count else { return nil }
        defer {
            taken += 1
            if taken == elements.count {
                elements.removeAll(keepingCapacity: true)
                taken = 0
            }
        }
        return elements[taken]
    }
}
