// What the service does by time alone.

import ControlClient

extension ControlService {
    /// Brings the registry to the present: ends drains, frees EIPs, drops deregistered targets,
    /// forgets old idempotency keys. Call it every second.
    public func advance() async throws {
        let now = clock()
        if now - lastSweep >= Self.sweepMilliseconds {
            lastSweep = now
            try await forgetTokens(at: now)
        }
        reports = reports.filter { registry.nodes[$0.key] != nil }
        var probe = current
        var occasion = Occasion(now: now, generator: SystemRandomNumberGenerator())
        probe.advance(to: now)
        probe.makeChannelKeys(on: &occasion)
        probe.placeWaitingTenants(on: &occasion)
        guard probe.hasChanges else { return }
        _ = try await change(
            by: Caller(actor: "hyperplane-placement", reason: "time or nodes went on")
        ) { registry, occasion in
            registry.advance(to: occasion.now)
            registry.makeChannelKeys(on: &occasion)
            registry.placeWaitingTenants(on: &occasion)
            return { _ in Outcome(status: 204, body: []) }
        }
    }
}

extension ControlService {
    private static let sweepMilliseconds: Int64 = 600_000

    /// Deletes what was kept for repeated requests that can't be repeated any more.
    private func forgetTokens(at now: Int64) async throws {
        let entries = try await store.range(prefix: IdempotencyRecord.collection + "/").entries
        let old = entries.filter { entry in
            guard let record = try? JSON.decode(IdempotencyRecord.self, from: entry.value) else {
                return true
            }
            return now - record.time >= Limits.idempotencyMilliseconds
        }
        guard !old.isEmpty else { return }
        _ = try await store.transaction(
            compare: old.map { .modified(key: $0.key, revision: $0.modified) },
            then: old.map { .delete($0.key, isRecorded: false) },
            note: ChangeNote(
                actor: "hyperplane-placement", reason: "old idempotency keys",
                idempotencyToken: nil, time: now))
    }
}
