// What is told: groups as they change, datagrams as they leave.

public import Wire

extension ViewAnnouncer {
    /// A view of a group has become active, or a bucket was handed over in it: all subscribers of
    /// the group are told. False, and nothing changes, if no more is said than was known.
    @discardableResult
    public mutating func update(_ announcement: ViewAnnouncement) -> Bool {
        precondition(announcement.cluster == cluster && announcement.isConsistent)
        let known = KnownView(
            group: announcement.group, ballot: announcement.ballot, change: announcement.change)
        guard let group = place(ofGroup: known.group) ?? addGroup(known.group) else {
            counters.groupsBeyondCapacity += 1
            return false
        }
        if let state = groups[group], !known.isNewer(than: state.known) { return false }
        if groups[group]?.isChanged != true { changed.append(group) }
        groups[group] = GroupState(known: known, datagram: sealed(announcement))
        return true
    }

    /// The node serves the group no more.
    public mutating func remove(group id: UInt64) {
        guard let index = order.firstIndex(where: { $0.id == id }) else { return }
        let place = order.remove(at: index).place
        groups[place] = nil
        changed.removeAll { $0 == place }
        answers.removeFirst(nextAnswer)
        nextAnswer = 0
        answers.removeAll { $0.group == place }
        for subscriber in subscribers.indices {
            interests[interest(subscriber, place)] = Interest()
        }
    }

    /// The next announcement, written to the start of `datagram`, and whom it goes to, at the port
    /// of Geneve. Nil if all are told. `datagram` has `maximumBytes` at least.
    public mutating func poll(
        at now: Tick, into datagram: inout MutableRawSpan
    ) -> (subscriber: IPAddress, length: Int)? {
        while let answer = takeAnswer() {
            if let length = write(answer.group, to: &datagram) {
                return (subscribers[answer.subscriber].address, length)
            }
        }
        while let group = changed.last {
            if let subscriber = takeSubscriber(of: group, now),
                let length = write(group, to: &datagram)
            {
                return (subscribers[subscriber].address, length)
            }
            groups[group]?.isChanged = false
            changed.removeLast()
        }
        return nil
    }

    private mutating func takeAnswer() -> Answer? {
        guard nextAnswer < answers.count else {
            // Each turn asks, and most have nothing.
            if !answers.isEmpty { answers.removeAll(keepingCapacity: true) }
            nextAnswer = 0
            return nil
        }
        nextAnswer += 1
        return answers[nextAnswer - 1]
    }

    private mutating func takeSubscriber(of group: Int, _ now: Tick) -> Int? {
        while let cursor = groups[group]?.cursor, cursor < subscribers.count {
            groups[group]?.cursor += 1
            if isFresh(cursor, group, now) { return cursor }
        }
        return nil
    }

    private mutating func write(_ group: Int, to datagram: inout MutableRawSpan) -> Int? {
        guard let state = groups[group] else { return nil }
        datagram.store(state.datagram.rawSpan, at: 0)
        counters.announcements += 1
        return state.datagram.count
    }

    private mutating func sealed(_ announcement: ViewAnnouncement) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: announcement.byteCount)
        var span = bytes.mutableRawSpan
        announcement.write(to: &span)
        sealer.seal(&span)
        return bytes
    }

    func place(ofGroup id: UInt64) -> Int? {
        let index = position(of: id)
        return index < order.count && order[index].id == id ? order[index].place : nil
    }

    private func position(of id: UInt64) -> Int {
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if order[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func addGroup(_ id: UInt64) -> Int? {
        guard order.count < settings.groupCapacity else { return nil }
        let place: Int
        if order.count == groups.count {
            groups.append(nil)
            place = groups.count - 1
        } else {
            guard let free = groups.firstIndex(where: { $0 == nil }) else { return nil }
            place = free
        }
        order.insert((id, place), at: position(of: id))
        return place
    }

    /// What must hold between calls.
    public func checkInvariants() {
        precondition(subscribers.count <= settings.subscriberCapacity)
        precondition(order.count == groups.count { $0 != nil }, "a group without a place")
        precondition(nextAnswer <= answers.count && answers.count <= settings.answerCapacity)
    }
}
