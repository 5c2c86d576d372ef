// What falls due as time passes: new flows, requests, repetitions, and giving up.

public import Wire

extension TrafficEngine {
    /// Does what is due at `now`, at most `limit` packets of it. True if more is due.
    public mutating func tick(_ now: Tick, pool: inout FramePool, limit: Int = 512) -> Bool {
        stopIfSpent(now)
        subscribe(now, &pool)
        hold(now)
        for _ in 0..<limit {
            guard pool.freeCount > 0 else {
                counters.framesWanting += 1
                return true
            }
            let arrival = nextArrival
            if let slot = wheel.takeDue(now) {
                fire(Int(slot), now, &pool)
            } else if let arrival, arrival <= now {
                if open(intended: arrival, now, &pool) {
                    arrivals.take()
                    forgetDelay(now)
                    if !isOpening { opened = counters }
                }
            } else {
                return false
            }
        }
        return true
    }

    /// A flow's time has come.
    private mutating func fire(_ slot: Int, _ now: Tick, _ pool: inout FramePool) {
        let record = flows[slot]
        let spent = Int(record.attempts) >= workload.plan.profile.patience.attempts
        switch record.phase {
        case .unused, .ended: break
        case .opening:
            if spent {
                end(slot, .refused(.silent, at: now))
            } else {
                sendOpening(slot, now, &pool)
            }
        case .proving, .closing:
            if spent {
                end(slot, .broken)
            } else if record.ipProtocol == .tcp {
                armRetry(slot, now, sendFIN(slot, now, &pool))
            } else {
                prove(slot, now, &pool)
            }
        case .established:
            if record.ipProtocol == .tcp {
                if spent { end(slot, .broken) } else { sendData(slot, now, &pool) }
            } else {
                ask(slot, now, &pool)
            }
        }
    }

    /// The next request of an established UDP or ICMP flow.
    private mutating func ask(_ slot: Int, _ now: Tick, _ pool: inout FramePool) {
        let record = flows[slot]
        if record.due >= record.ends {
            flows[slot].phase = .proving
            flows[slot].attempts = 0
            prove(slot, now, &pool)
            return
        }
        guard sendRequest(slot, intended: record.due, now, &pool) else {
            wheel.schedule(UInt32(slot), at: now + 1_000_000)
            return
        }
        measures.lateness.record(now - record.due)
        scheduleNext(slot, now)
    }

    /// The last request, which must be answered.
    private mutating func prove(_ slot: Int, _ now: Tick, _ pool: inout FramePool) {
        let record = flows[slot]
        let sent = sendRequest(
            slot, intended: record.attempts == 0 ? record.due : now, now, &pool)
        if sent { countAttempt(slot, intended: record.due, now) }
        armRetry(slot, now, sent)
    }

    /// Sets the time of the request after the one that was due.
    mutating func scheduleNext(_ slot: Int, _ now: Tick) {
        // Flows to another destination than the one that is used up ask often, to notice much.
        let interval =
            isBystander(slot)
            ? 200_000_000 : workload.requestIntervalNanoseconds(flows[slot].number)
        let record = flows[slot]
        // Requests that fell due while the flow was being opened are left out.
        let next = max(min(record.due + interval, record.ends), now)
        let due = TimerWheel.rounded(next)
        flows[slot].due = due
        flows[slot].attempts = 0
        wheel.schedule(UInt32(slot), at: due)
    }
}
