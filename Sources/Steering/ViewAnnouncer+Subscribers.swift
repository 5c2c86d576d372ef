// Who wants to hear of which group, for how much longer, and who hears it out of turn.

public import Wire

extension ViewAnnouncer {
    /// Takes a subscription, a datagram that `Subscription.isOne`, from an outer address that the
    /// snapshot names. Nil if it was taken; refusals are counted.
    @discardableResult
    public mutating func handle(
        _ bytes: RawSpan, from sender: IPAddress, at now: Tick
    ) -> AnnouncementError? {
        do throws(AnnouncementError) {
            let subscription = try Subscription.parse(bytes)
            guard subscription.cluster == cluster else { throw .otherCluster }
            guard sealer.isGenuine(bytes) else { throw .badSeal }
            subscribe(sender, to: subscription, bytes, now)
            return nil
        } catch {
            counters.refused += 1
            return error
        }
    }

    private mutating func subscribe(
        _ sender: IPAddress, to subscription: Subscription, _ bytes: RawSpan, _ now: Tick
    ) {
        guard let subscriber = place(for: sender, now) else {
            counters.subscribersBeyondCapacity += 1
            return
        }
        counters.subscriptions += 1
        subscribers[subscriber].lastHeard = now
        for index in 0..<subscription.groupCount {
            let known = Subscription.group(index, of: bytes)
            guard let group = place(ofGroup: known.group) else { continue }
            interests[interest(subscriber, group)].heard = heardUnits(now)
            if let state = groups[group], state.known.isNewer(than: known) {
                answer(subscriber, group)
            }
        }
    }

    /// A data packet of a group came from `sender`, for a bucket that this node doesn't lead: if it
    /// subscribes, it is told at once, but not again and again.
    public mutating func stale(sender: IPAddress, group id: UInt64, at now: Tick) {
        counters.stale += 1
        guard let group = place(ofGroup: id), groups[group] != nil,
            let subscriber = subscribers.firstIndex(where: { $0.address == sender }),
            isFresh(subscriber, group, now)
        else { return }
        let index = interest(subscriber, group)
        let units = toldUnits(now)
        let pause = UInt16(truncatingIfNeeded: settings.repeatNanoseconds >> Self.toldShift)
        let told = interests[index].told
        guard told == 0 || units &- told >= max(pause, 1) else { return }
        interests[index].told = units
        answer(subscriber, group)
    }

    /// Calls with every subscriber that is remembered, and when it was last heard.
    public func forEachSubscriber(_ body: (IPAddress, Tick) -> Void) {
        for subscriber in subscribers { body(subscriber.address, subscriber.lastHeard) }
    }

    /// Forgets who fell silent. Every few milliseconds; looks at one subscriber each time.
    public mutating func tick(_ now: Tick) {
        guard !subscribers.isEmpty else { return }
        sweep = (sweep + 1) % subscribers.count
        for group in groups.indices where !isFresh(sweep, group, now) {
            interests[interest(sweep, group)] = Interest()
        }
    }

    /// Of one group; subscribers whose time is over don't count.
    public func subscriberCount(ofGroup id: UInt64, at now: Tick) -> Int {
        guard let group = place(ofGroup: id) else { return 0 }
        return subscribers.indices.count { isFresh($0, group, now) }
    }

    private mutating func answer(_ subscriber: Int, _ group: Int) {
        guard answers.count < settings.answerCapacity else {
            counters.answersBeyondCapacity += 1
            return
        }
        answers.append(Answer(subscriber: subscriber, group: group))
    }

    private mutating func place(for sender: IPAddress, _ now: Tick) -> Int? {
        if let known = subscribers.firstIndex(where: { $0.address == sender }) { return known }
        let new = Subscriber(address: sender, lastHeard: now)
        if subscribers.count < settings.subscriberCapacity {
            subscribers.append(new)
            return subscribers.count - 1
        }
        let expiry = settings.expiryNanoseconds
        guard let silent = subscribers.firstIndex(where: { now - $0.lastHeard > expiry }) else {
            return nil
        }
        subscribers[silent] = new
        for group in 0..<settings.groupCapacity {
            interests[interest(silent, group)] = Interest()
        }
        return silent
    }

    func interest(_ subscriber: Int, _ group: Int) -> Int {
        subscriber * settings.groupCapacity + group
    }

    func isFresh(_ subscriber: Int, _ group: Int, _ now: Tick) -> Bool {
        let heard = interests[interest(subscriber, group)].heard
        guard heard != 0, now - subscribers[subscriber].lastHeard <= settings.expiryNanoseconds
        else { return false }
        return UInt64(heardUnits(now) &- heard) << Self.heardShift <= settings.expiryNanoseconds
    }

    /// Units of 17 ms, which come again after 18 minutes: `tick` has cleared what is so old.
    private static var heardShift: UInt64 { 24 }
    /// Units of 1 ms, which come again after 69 s: at worst one answer is left out then.
    private static var toldShift: UInt64 { 20 }

    private func heardUnits(_ now: Tick) -> UInt16 { units(now, Self.heardShift) }
    private func toldUnits(_ now: Tick) -> UInt16 { units(now, Self.toldShift) }

    private func units(_ now: Tick, _ shift: UInt64) -> UInt16 {
        max(1, UInt16(truncatingIfNeeded: now.rawValue >> shift))
    }
}
