// How a change is made: on a draft, one change after the other, written with a comparison that no
// other service's change came between, and only then believed.

import ControlClient

extension ControlService {
    /// What a change does to a draft; what it returns gives the answer, once the draft's records
    /// have their revisions.
    typealias Change =
        @Sendable (inout Registry, inout Occasion) throws(Problem) -> (
            @Sendable (Registry) throws(Problem) -> Outcome
        )

    /// Makes a change. Once this has returned, the change is durable.
    func change(
        by caller: Caller, token: IdempotencyToken? = nil, _ body: @escaping Change
    ) async throws(Problem) -> Outcome {
        // A task of its own: a client that hangs up leaves the change done or not done.
        let previous = lastChange
        let task = Task { () -> Result<Outcome, Problem> in
            await previous?.value
            do throws(Problem) {
                return .success(try await self.changeNow(by: caller, token: token, body))
            } catch {
                return .failure(error)
            }
        }
        lastChange = Task { _ = await task.value }
        return try await task.value.get()
    }

    private func changeNow(
        by caller: Caller, token: IdempotencyToken?, _ body: Change
    ) async throws(Problem) -> Outcome {
        let now = clock()
        if let token, let earlier = try await answer(for: token, at: now) { return earlier }
        for _ in 0..<5 {
            var draft = current
            var occasion = Occasion(now: now, generator: SystemRandomNumberGenerator())
            let answer = try body(&draft, &occasion)
            if draft.hasChanges { try Self.prove(draft, after: registry) }
            var operations = draft.takeChanges()
            let outcome = try answer(draft)
            if let token { operations.append(Self.keep(outcome, for: token, at: now)) }
            guard !operations.isEmpty else { return outcome }
            let note = ChangeNote(
                actor: caller.actor, reason: caller.reason, idempotencyToken: token?.key,
                time: now)
            if try await commit(operations, of: draft, note: note) { return outcome }
        }
        throw .unavailable("other changes kept coming first")
    }

    /// False if another service's change came first; the registry is then the newer one.
    private func commit(
        _ operations: [StoreOperation], of draft: Registry, note: ChangeNote
    ) async throws(Problem) -> Bool {
        do {
            let result = try await store.transaction(
                compare: [
                    .modified(key: Registry.sequenceKey, revision: sequenceRevision)
                ], then: operations, note: note)
            guard case .committed(let revision) = result else {
                tally.conflicts += 1
                try await reload()
                return false
            }
            if draft.version != registry.version { sequenceRevision = revision }
            registry = draft
            tally.changes += 1
            return true
        } catch {
            // It may be done or not: what the store says then is what counts.
            tally.storeFailures += 1
            try? await reload()
            throw .unavailable("\(error)")
        }
    }

    private func reload() async throws {
        guard let loaded = try await Self.load(store) else {
            throw RegistryError("the registry was emptied")
        }
        let quiet = registry.quietMilliseconds
        registry = loaded.registry
        registry.quietMilliseconds = quiet
        sequenceRevision = loaded.sequenceRevision
    }

    private func answer(
        for token: IdempotencyToken, at now: Int64
    ) async throws(Problem) -> Outcome? {
        let entry: StoredEntry?
        do throws(StoreError) {
            entry = try await store.get(token.storeKey)
        } catch {
            throw .unavailable(error.description)
        }
        guard let entry,
            let record = try? JSON.decode(IdempotencyRecord.self, from: entry.value),
            now - record.time < Limits.idempotencyMilliseconds
        else { return nil }
        guard record.request == token.request else { throw .idempotencyKeyReused }
        return Outcome(status: record.status, body: Array(record.answer.utf8))
    }

    private static func keep(
        _ outcome: Outcome, for token: IdempotencyToken, at now: Int64
    ) -> StoreOperation {
        let record = IdempotencyRecord(
            request: token.request, status: outcome.status,
            answer: String(decoding: outcome.body, as: UTF8.self), time: now)
        return .put(token.storeKey, JSON.encode(record), isRecorded: false)
    }
}

extension ProblemDocument {
    static func unavailable(_ detail: String) -> Problem {
        Problem(
            status: 503, code: "store-unavailable", title: "The registry's store can't serve",
            detail: detail, hint: "Look at the state directory's disk, then try again.")
    }
}
