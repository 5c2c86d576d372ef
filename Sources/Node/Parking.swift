// Packets that wait for something: a first fragment, a port on loan. They keep their frames, so their
// number is bounded.

/// What waits, by token. Nothing is allocated after `init`.
struct Parking<Element> {
    private var places: [Element?]
    private var free: [UInt32]

    init(capacity: Int) {
        places = Array(repeating: nil, count: capacity)
        free = (0..<UInt32(capacity)).reversed()
    }

    var count: Int { places.count - free.count }

    /// Those for which a condition holds. Linear.
    func count(where holds: (Element) -> Bool) -> Int {
        places.count { $0.map(holds) ?? false }
    }

    /// A token for what is to wait; nil if all are in use.
    mutating func reserve(_ element: Element) -> UInt32? {
        guard let token = free.popLast() else { return nil }
        places[Int(token)] = element
        return token
    }

    /// What waits under a token, to be read or changed.
    subscript(token: UInt32) -> Element {
        get {
            guard let element = places[Int(token)] else { preconditionFailure("nothing waits") }
            return element
        }
        set {
            precondition(places[Int(token)] != nil, "nothing waits")
            places[Int(token)] = newValue
        }
    }

    /// Gives back what waited, and its token up.
    mutating func give(_ token: UInt32) -> Element {
        let element = self[token]
        places[Int(token)] = nil
        free.append(token)
        return element
    }
}
