// Ports that rest since their buckets began with nothing. Each bucket's beginning is named by the view
// that it began in, for ever; whoever builds that view counts the time from there, and every later view
// carries what is left. DESIGN part 5, rules 16 and 19.

import Wire

extension Member {
    /// Notes for how long ports rest from now on, of beginnings that weren't heard of before.
    // Rule 16: every later leader of the bucket knows it.
    mutating func noteRests(_ rests: [PortRest], in group: Int) {
        groups[group].rests.removeAll { $0.until <= now }
        for rest in rests where rest.nanoseconds > 0 {
            guard !groups[group].rests.contains(where: { $0.beginning == rest.beginning }) else {
                continue
            }
            groups[group].rests.append((rest.beginning, now + rest.nanoseconds))
        }
    }

    /// What is left of the group's rests.
    func rests(_ group: Int) -> [PortRest] {
        groups[group].rests.filter { $0.until > now }.map {
            PortRest(beginning: $0.beginning, nanoseconds: $0.until - now)
        }
    }

    /// Tells the engines, ahead of a view, which buckets began in which view, as far as that is new.
    mutating func orderBeginnings(of founded: FoundedView, in group: Int) {
        let news = founded.beginnings.indices.filter { bucket in
            groups[group].begun.isEmpty || groups[group].begun[bucket] != founded.beginnings[bucket]
        }
        groups[group].begun = founded.beginnings
        let ballots = news.reduce(into: [Ballot]()) { ballots, bucket in
            let ballot = founded.beginnings[bucket]
            if !ballots.contains(ballot) { ballots.append(ballot) }
        }
        for ballot in ballots {
            var buckets = BucketSet(bucketCount: founded.beginnings.count)
            for bucket in news where founded.beginnings[bucket] == ballot { buckets.insert(bucket) }
            let rest = groups[group].rests.first { $0.beginning == ballot }
            ordersOut.append(
                .begin(
                    group: founded.view.group, ballot: ballot,
                    restUntil: rest?.until ?? Tick(rawValue: 0), buckets: buckets))
        }
    }
}
