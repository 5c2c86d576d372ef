// A view is active when Q of its configuration have installed it. Each member counts that itself, from
// what all tell. DESIGN part 5, rule 5.

import Wire

extension Member {
    mutating func considerActive(_ place: Int) {
        let group = groups[place]
        guard !group.isActive, let view = group.installed?.view else { return }
        // This member itself, and the others by the starts that the view names.
        let installed = group.roster.count { associate in
            guard let seat = view.seat(of: associate.node) else { return false }
            return associate.told?.installed == view.ballot
                && view.incarnations[seat] == peers[associate.peer].incarnation
        }
        guard 1 + installed >= quorum(view.members.count).promises else { return }
        groups[place].isActive = true
        groups[place].attempts = 0
        groups[place].progressAt = now
        groups[place].mustTell = true
        counters.viewsActive += 1
        ordersOut.append(.activate(group: view.group, ballot: view.ballot))
        tellLeftOut(place)
    }
}
