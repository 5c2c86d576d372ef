// Placing and clearing entries of the index. What the two lines of a hash can't take is left to
// the search in `FlowIndex+Displace.swift`.

extension FlowIndex {
    /// Puts `entry` where a lookup of `hash` will find it. False, and nothing changed, if there is
    /// no room. The caller has made sure that the key is not there.
    @usableFromInline
    mutating func place(_ entry: UInt32, hash: UInt64) -> Bool {
        let home = homeLine(of: hash)
        let tag = Self.tag(of: hash)
        if let place = freePlace(in: home) {
            set(home, place, tag: tag, entry: entry, isAway: false)
            return true
        }
        guard strayed(home) < .max else { return false }
        let partner = partner(of: home, tag: tag)
        if let place = freePlace(in: partner) {
            set(partner, place, tag: tag, entry: entry, isAway: true)
            setStrayed(home, strayed(home) + 1)
            return true
        }
        return displace(for: entry, tag: tag, home: home, partner: partner)
    }

    func freePlace(in line: Int) -> Int? {
        let free = places(in: line, holding: 0)
        return free == 0 ? nil : free.trailingZeroBitCount
    }

    /// Takes out what `place` put in. Traps if it isn't there: then a record's key has changed.
    @usableFromInline
    mutating func clear(_ entry: UInt32, hash: UInt64) {
        let home = homeLine(of: hash)
        let tag = Self.tag(of: hash)
        if let place = place(of: entry, tag: tag, in: home) {
            set(home, place, tag: 0, entry: 0, isAway: false)
            return
        }
        let partner = partner(of: home, tag: tag)
        guard let place = place(of: entry, tag: tag, in: partner) else {
            preconditionFailure("a live flow is missing from the index")
        }
        set(partner, place, tag: 0, entry: 0, isAway: false)
        setStrayed(home, strayed(home) - 1)
    }

    /// The place in `line` where `entry` stands.
    func place(of entry: UInt32, tag: UInt16, in line: Int) -> Int? {
        var candidates = places(in: line, holding: tag)
        while candidates != 0 {
            let place = candidates.trailingZeroBitCount
            if self.entry(line, place) == entry { return place }
            candidates &= candidates &- 1
        }
        return nil
    }
}
