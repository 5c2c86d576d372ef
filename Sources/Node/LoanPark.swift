// Packets that wait for a port on loan. They keep their frames; their number is bounded by what the
// loans let wait.

import Translation
import Wire

/// Packets by token. Nothing is allocated after `init`.
struct LoanPark {
    struct Parked {
        var work: Work
        /// EIPs that had no port, in the order of the inside address.
        var refusedEIPs: Int
    }

    private var places: [Parked?]
    private var free: [UInt32]

    init(capacity: Int) {
        places = Array(repeating: nil, count: capacity)
        free = (0..<UInt32(capacity)).reversed()
    }

    var count: Int { places.count - free.count }

    /// Packets of one resource. Linear.
    func count(of resource: Int) -> Int {
        places.count { $0?.work.arrival.resource == resource }
    }

    mutating func reserve(_ parked: Parked) -> UInt64? {
        guard let token = free.popLast() else { return nil }
        places[Int(token)] = parked
        return UInt64(token)
    }

    mutating func give(_ token: UInt64) -> Parked {
        guard let parked = places[Int(token)] else {
            preconditionFailure("a token is given up once")
        }
        places[Int(token)] = nil
        free.append(UInt32(token))
        return parked
    }
}
