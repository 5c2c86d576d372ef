// Ports on loan at members that hold both the lender's bucket and the borrower's, in whatever order the
// two buckets' entries come; and entries that find no place.

import Configuration
import Steering
import Tables
import Testing
import Wire

@testable import Translation

struct ReplayLoanTests {
    private let engine = ReplayEngine(seed: 3)
    private let now = Tick.seconds(1_000)

    /// A flow of one bucket on a port of another one.
    private struct Borrowed {
        var creation: SentEntry
        var loan: LoanGrant
        var inbound: FlowTuple
    }

    private func borrowed() throws -> Borrowed {
        let leader = ReplayEngine(seed: 1)
        let tuple = FlowTuple(
            ipProtocol: .udp, source: .v4(IPv4Address(10, 0, 0, 1)), sourcePort: Port(5),
            destination: .v4(IPv4Address(198, 51, 100, 1)), destinationPort: Port(443))
        let packet = ReplayPacket(resource: ReplayWorld.nat, tuple: tuple)
        let decided = try #require(leader.send(packet, at: now).first)
        guard case .create(var creation) = decided.sent.entry else { preconditionFailure() }
        let lender = BucketIndex((Int(decided.sent.bucket.rawValue) + 1) % ReplayWorld.buckets)
        let port = Port(leader.translator.resources.portSets.ports(of: lender).lowerBound + 3)
        creation.translated.sourcePort = port
        let id = LoanID(
            group: 1, bucket: decided.sent.bucket,
            ballot: Ballot(generation: 1, number: 1, proposer: NodeID(rawValue: 1)), term: 1,
            counter: 1)
        let loan = LoanGrant(
            id: id,
            destination: LoanDestination(
                resource: ReplayWorld.nat, external: ReplayWorld.eip.mapped,
                remote: tuple.destination.mapped, remotePort: Port(443), ipProtocol: .udp,
                lender: lender),
            port: port)
        return Borrowed(
            creation: SentEntry(entry: .create(creation), bucket: decided.sent.bucket),
            loan: loan, inbound: creation.translated.reversed)
    }

    private func isFree(_ borrowed: Borrowed) -> Bool {
        Translator.isFree(
            borrowed.inbound, FlowScope(resourceSlot: 0), engine.v4,
            hasLent: engine.translator.lentCount > 0)
    }

    /// What an inbound packet of the port meets, at the leader of the port's own bucket.
    private func verdict(_ borrowed: Borrowed) -> Verdict {
        var packet = ReplayPacket(resource: ReplayWorld.nat, tuple: borrowed.inbound)
        packet.isFromOutside = true
        let bytes = packet.bytes
        var arrival = packet.arrival(engine.translator.resources)
        arrival.direction = .inbound
        arrival.bucket = borrowed.loan.destination.lender
        let key = IPv4FlowKey(borrowed.inbound, scope: arrival.scope, direction: .inbound)
        var decided: FlowHandle?
        return engine.translator.translate(
            arrival, bytes.rawSpan, hash: engine.v4.hash(key), in: &engine.v4, now: now,
            decided: &decided, hint: LoanHint())
    }

    private func isOverLoan(_ verdict: Verdict) -> Bool {
        if case .overLoan = verdict { true } else { false }
    }

    @Test(arguments: [true, false])
    func `both sides of a loan stand beside each other`(lenderFirst: Bool) throws {
        engine.lead(false)
        let borrowed = try borrowed()
        let loan = SentEntry(
            entry: .loan(borrowed.loan), bucket: borrowed.loan.destination.lender)
        for _ in 0..<2 {
            for sent in lenderFirst ? [loan, borrowed.creation] : [borrowed.creation, loan] {
                #expect(try !engine.replay(sent, at: now).isLoss)
            }
        }
        #expect(engine.v4.count == 2 && engine.translator.lentCount == 1)
        #expect(!isFree(borrowed))
        engine.checkInvariants()
        // It comes to lead the lender's bucket: the port's packets go on to the borrower's leader.
        let lender = Int(borrowed.loan.destination.lender.rawValue)
        engine.translator.setReign(chain: lender, .always)
        #expect(isOverLoan(verdict(borrowed)))
        // The flow ends and goes; the loan stands until it is given back, and rests.
        guard case .create(let creation) = borrowed.creation.entry else { return }
        let end = FlowEntry.end(FlowEnd(name: creation.name, reason: .idle))
        #expect(
            try engine.replay(SentEntry(entry: end, bucket: borrowed.creation.bucket), at: now)
                == .applied)
        #expect(isOverLoan(verdict(borrowed)) && !isFree(borrowed))
        let back = SentEntry(entry: .giveBack(borrowed.loan), bucket: loan.bucket)
        #expect(try engine.replay(back, at: now) == .applied)
        #expect(try engine.replay(back, at: now) == .known)
        #expect(!isFree(borrowed))
        _ = engine.sweep(at: now + 200_000_000_000)
        #expect(isFree(borrowed) && engine.v4.count == 0 && engine.translator.lentCount == 0)
        engine.checkInvariants()
    }

    @Test func `a flow on a void loan ends, and no other`() throws {
        engine.lead(false)
        let borrowed = try borrowed()
        #expect(try engine.replay(borrowed.creation, at: now) == .applied)
        let toward = PortDestination(lending: borrowed.loan.destination)
        var other = toward
        other.bucket = borrowed.creation.bucket
        #expect(
            engine.translator.endOnLoan(
                borrowed.loan.port, toward: other, &engine.v4, at: now) == nil)
        #expect(
            engine.translator.endOnLoan(
                Port(borrowed.loan.port.rawValue + 1), toward: toward, &engine.v4, at: now) == nil)
        #expect(engine.v4.count == 1)
        let ending = engine.translator.endOnLoan(
            borrowed.loan.port, toward: toward, &engine.v4, at: now)
        #expect(ending?.reason == .addressLost)
        #expect(engine.v4.count == 0)
        engine.checkInvariants()
    }

    // MARK: Entries without a place

    @Test func `what names a resource of tomorrow's configuration waits for it`() throws {
        let member = ReplayEngine(seed: 6, snapshot: Snapshot.empty(of: ReplayWorld.snapshot))
        member.lead(false)
        let (creation, bucket) = try creation()
        var other = creation
        other.name.outbound.source = .v4(IPv4Address(10, 0, 0, 2))
        other.translated.sourcePort = Port(other.translated.sourcePort.rawValue + 1)
        let entries: [FlowEntry] = [
            .create(creation), .create(other), .end(FlowEnd(name: other.name, reason: .idle)),
        ]
        for entry in entries {
            let outcome = member.translator.replay(
                entry, bucket: bucket, chain: Int(bucket.rawValue), &member.v4, &member.v6, at: now)
            #expect(outcome == .waitsForConfiguration && !outcome.isLoss)
        }
        #expect(member.translator.strayCount == 1)
        let table = ResourceTable(
            ReplayWorld.snapshot, previous: member.translator.resources)
        member.translator.apply(table)
        member.translator.hold([ReplayWorld.buckets])
        member.translator.replayStrays(&member.v4, &member.v6, at: now)
        #expect(member.translator.strayCount == 0 && member.v4.count == 1)
        #expect(member.records().first?.name == creation.name)
        member.checkInvariants()
    }

    private func creation() throws -> (FlowCreation, BucketIndex) {
        let borrowed = try borrowed()
        guard case .create(let creation) = borrowed.creation.entry else { preconditionFailure() }
        return (creation, borrowed.creation.bucket)
    }

    @Test func `an entry of an unknown resource is counted by that name`() throws {
        var (creation, bucket) = try creation()
        creation.name.resource = ResourceID(rawValue: 0xDEAD)
        let sent = SentEntry(entry: .create(creation), bucket: bucket)
        #expect(try engine.replay(sent, at: now) == .unknownResource)
        #expect(engine.translator.replays[.unknownResource] == 1)
        let end = FlowEntry.end(FlowEnd(name: creation.name, reason: .idle))
        #expect(
            try engine.replay(SentEntry(entry: end, bucket: bucket), at: now) == .unknownResource)
    }

    @Test func `a flow that lives keeps its keys, a quiet one doesn't`() throws {
        engine.lead(false)
        let (creation, bucket) = try creation()
        #expect(
            try engine.replay(SentEntry(entry: .create(creation), bucket: bucket), at: now)
                == .applied)
        // Another inside address with the same translation.
        var other = creation
        other.name.outbound.source = .v4(IPv4Address(10, 0, 0, 2))
        let sent = SentEntry(entry: .create(other), bucket: bucket)
        #expect(try engine.replay(sent, at: now) == .keyTaken)
        let end = FlowEntry.end(FlowEnd(name: creation.name, reason: .idle))
        #expect(try engine.replay(SentEntry(entry: end, bucket: bucket), at: now) == .applied)
        #expect(try engine.replay(sent, at: now) == .applied)
        #expect(engine.v4.count == 1)
        engine.checkInvariants()
    }

    @Test func `a full table is counted, and holds nothing back`() throws {
        let small = ReplayEngine(seed: 5, capacityFlows: 2)
        small.lead(false)
        let (creation, bucket) = try creation()
        var outcomes: [ReplayOutcome] = []
        for number in 1...3 {
            var one = creation
            one.name.outbound.source = .v4(IPv4Address(10, 0, 0, UInt8(number)))
            one.translated.sourcePort = Port(UInt16(1_024 + number))
            one.client = .interface(
                ReplayWorld.network, ENI(rawValue: UInt64(number)),
                machine: .v4(IPv4Address(192, 0, 2, 101)))
            outcomes.append(
                try small.replay(SentEntry(entry: .create(one), bucket: bucket), at: now))
        }
        #expect(outcomes == [.applied, .applied, .flowTableFull])
        #expect(small.translator.replays[.flowTableFull] == 1)
        small.checkInvariants()
    }

    @Test func `a limit counts what is held, led or followed`() throws {
        engine.lead(false)
        let (creation, bucket) = try creation()
        #expect(
            try engine.replay(SentEntry(entry: .create(creation), bucket: bucket), at: now)
                == .applied)
        #expect(engine.translator.quotas.flows(ofTenant: 0) == 1)
        let slot = engine.translator.resources.slot(of: ReplayWorld.nat)!
        let name = engine.translator.addressName(slot, creation.name.outbound.source)
        #expect(engine.translator.addressLoads[name] == 1)
        // Nobody counts a flow twice that another decided.
        #expect(engine.translator.counters.counts(slot)?.flowsCreated == 0)
    }
}
