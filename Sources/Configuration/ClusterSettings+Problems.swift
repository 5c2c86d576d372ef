// The relations between the numbers that consensus runs by. Their order matters for speed, the quiet
// time and the number of copies for safety.

import Wire

extension ClusterSettings {
    /// The longest that a packet is taken to live in the network.
    // DESIGN part 5, rule 13.
    static let packetLifeMilliseconds: UInt64 = 1_000

    /// One sentence for each relation that doesn't hold.
    func consensusProblems() -> [String] {
        var problems: [String] = []
        let lease = UInt64(leaseMilliseconds)
        if heartbeatMilliseconds == 0 || lease <= 3 * UInt64(heartbeatMilliseconds) {
            problems.append(
                "a lease of \(lease) ms is not longer than three heartbeats of "
                    + "\(heartbeatMilliseconds) ms")
        }
        // A granter counts its grant for longer than the holder does.
        let granted = lease * (1_000_000 + 2 * UInt64(driftPartsPerMillion)) / 1_000_000
        if driftPartsPerMillion > 100_000 || UInt64(suspectMilliseconds) <= granted {
            problems.append(
                "a peer is suspected after \(suspectMilliseconds) ms, before its lease of "
                    + "\(lease) ms has ended by a clock with a drift of "
                    + "\(driftPartsPerMillion) parts per million")
        }
        if UInt64(quietSeconds) * 1_000 <= lease + Self.packetLifeMilliseconds {
            problems.append(
                "a quiet time of \(quietSeconds) s is not longer than a lease and the life of a "
                    + "packet, \(Self.packetLifeMilliseconds) ms")
        }
        // R <= Q of the largest group; of a smaller one `quorum(members:)` sees to it.
        if !(0...(View.mostSeats - 1) / 2 + 1).contains(copies) {
            problems.append("\(copies) copies are more than a majority of any group")
        }
        return problems + keyProblems()
    }

    private func keyProblems() -> [String] {
        guard let keys else { return [] }
        let epoch = keys.current.epoch
        let isGood = epoch > 0 && (keys.previous.map { $0.epoch > 0 && $0.epoch < epoch } ?? true)
        return isGood ? [] : ["the epochs of the channels' keys don't rise from 1"]
    }
}
