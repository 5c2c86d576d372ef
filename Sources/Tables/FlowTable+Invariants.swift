// What is true of a flow table between any two calls, checked from the outside in.

import Wire

extension FlowTable {
    /// Traps unless index, records, chains, free slots, walks and counts agree. Costs a pass over
    /// all memory: for tests and simulations.
    public func checkInvariants() {
        let live = (0..<capacityFlows).count { isLive(slot: $0) }
        precondition(live == count, "the count is not the number of live slots")
        checkFreeSlots()
        checkChains()
        checkRecordsAreIndexed()
        index.checkInvariants(entryCount: 2 * count) { entry in
            let slot = Int(entry >> 1)
            precondition(isLive(slot: slot), "the index names a free slot")
            return unsafe hash(
                Layout.key(of: hots[slot], direction: FlowTable.direction(of: entry)))
        }
    }

    private func checkFreeSlots() {
        precondition(firstFresh <= capacityFlows && firstFresh >= count)
        for slot in firstFresh..<capacityFlows {
            precondition(!isLive(slot: slot), "a slot is live that was never taken")
        }
        var free = 0
        var slot = firstFree
        while slot != ChainLinks.none {
            precondition(Int(slot) < firstFresh && !isLive(slot: Int(slot)))
            free += 1
            precondition(free <= firstFresh, "the free slots go round in a circle")
            slot = unsafe links[Int(slot)].next
        }
        precondition(free + count == firstFresh, "a slot is neither live nor free")
    }

    private func checkChains() {
        var reached = 0
        for chain in 0..<chainCount {
            var previous = ChainLinks.headMark | UInt32(chain)
            var slot = unsafe chains[chain].first
            while slot != ChainLinks.none {
                let own = unsafe links[Int(slot)]
                precondition(isLive(slot: Int(slot)), "a chain goes through a free slot")
                precondition(own.previous == previous, "a chain's links disagree")
                precondition(own.isWalkHere == walks.stands(at: slot))
                reached += 1
                precondition(reached <= count, "a chain goes round in a circle")
                previous = slot
                slot = own.following
            }
        }
        precondition(reached == count, "a live flow is in no chain")
    }

    private func checkRecordsAreIndexed() {
        for slot in 0..<firstFresh where isLive(slot: slot) {
            for direction in FlowDirection.allCases {
                let key = unsafe Layout.key(of: hots[slot], direction: direction)
                let match = find(key)
                precondition(match?.handle.slot == slot, "a live flow is not found")
                precondition(match?.direction == direction)
            }
        }
    }
}

extension FlowIndex {
    /// Traps unless every entry stands in one of its two lines, is marked right, and is counted
    /// where it strayed from.
    func checkInvariants(entryCount: Int, hash: (UInt32) -> UInt64) {
        var entries = 0
        var strayedFrom: [Int: Int] = [:]
        var counted = 0
        for line in 0..<Int(lineCount) {
            counted += Int(strayed(line))
            for place in 0..<Self.placesPerLine {
                let tag = tag(line, place)
                guard tag != 0 else {
                    precondition(!isAway(line, place), "a free place is marked")
                    continue
                }
                entries += 1
                let hash = hash(entry(line, place))
                let home = homeLine(of: hash)
                precondition(tag == Self.tag(of: hash), "a tag is not its key's")
                precondition(isAway(line, place) == (line != home))
                guard line != home else { continue }
                precondition(line == partner(of: home, tag: tag), "an entry stands nowhere right")
                precondition(home == partner(of: line, tag: tag))
                strayedFrom[home, default: 0] += 1
                precondition(strayedFrom[home]! <= Int(strayed(home)))
            }
        }
        precondition(entries == entryCount, "entries are missing or left over")
        precondition(counted == strayedFrom.values.reduce(0, +), "strayed entries are miscounted")
    }
}
