// Clients: they open flows, use them, close them, let them expire, and open them again.

import Configuration
import Steering
import Wire

extension Simulation {
    /// Opens a flow of a workload, and plans the next.
    func openFlow(_ workload: Int) {
        guard phase < .quiet else { return }
        let settings = plan.workloads[workload]
        let gap = workloadRandom.around(1_000_000_000 / UInt64(settings.perSecond))
        queue.plan(.arrivals, at: now + gap, workload)
        guard openFlows[workload] < settings.most, flows.count < 65_535 else { return }
        let services = world.services.indices.filter { world.services[$0].workload == workload }
        let service = workloadRandom.pick(services)
        let flow = makeFlow(service, settings)
        flowPlaces[FlowPlace(vni: world.services[service].vni, tuple: flow.tuple)] = flows.count
        flows.append(flow)
        live(flows.count - 1)
    }

    private func makeFlow(_ index: Int, _ settings: WorkloadPlan) -> WorkloadFlow {
        let service = world.services[index]
        let client = workloadRandom.pick(service.clients)
        let instance = world.instances[client]
        let port = Port(nextPorts[index])
        nextPorts[index] = nextPorts[index] == 65_000 ? 20_000 : nextPorts[index] + 1
        let isGateway = service.kind == .nat
        let kind = workloadRandom.pick(settings.protocols)
        let ipProtocol: IPProtocol =
            switch kind {
            case .udp: .udp
            case .tcp: .tcp
            case .icmp: .icmp
            }
        let server = world.servers[workloadRandom.below(settings.destinations)]
        let tuple = FlowTuple(
            ipProtocol: ipProtocol, source: instance.address, sourcePort: port,
            destination: isGateway ? server : service.address,
            destinationPort: kind == .icmp
                ? Port(0) : isGateway ? Port(53) : World.listenerPort)
        let bucket =
            isGateway
            ? service.hash.natOutbound(tuple)
            : service.hash.loadBalancer(
                ipProtocol: ipProtocol, clientVNI: service.vni, client: tuple.source,
                clientPort: port)
        return WorkloadFlow(
            service: index, client: client, tuple: tuple, bucket: bucket,
            listener: isGateway ? 0 : kind == .udp ? 1 : 2)
    }

    /// A flow begins, for the first time or again.
    func live(_ index: Int) {
        let workload = world.services[flows[index].service].workload
        let settings = plan.workloads[workload]
        openFlows[workload] += 1
        figures.flows += 1
        flows[index].life += 1
        flows[index].isEstablished = false
        flows[index].tries = 0
        flows[index].left =
            settings.packets.lowerBound + workloadRandom.below(settings.packets.count)
        let isTCP = flows[index].tuple.ipProtocol == .tcp
        flows[index].step = isTCP ? .opening : .asking
        flows[index].next = FlowNumbers.start(flow: index, life: flows[index].life)
        note(.opened, to: -1, UInt64(index))
        act(index)
    }

    /// Its timer is up.
    func step(of index: Int, timer: UInt32) {
        guard flows[index].timer == timer else { return }
        if flows[index].isOver {
            if phase < .quiet { live(index) }
            return
        }
        act(index)
    }

    private func act(_ index: Int) {
        let settings = plan.workloads[world.services[flows[index].service].workload]
        switch flows[index].step {
        case .over: break
        case .asking:
            guard flows[index].left > 0, phase < .quiet else { return end(index) }
            flows[index].left -= 1
            ask(index)
            wait(index, workloadRandom.nanoseconds(settings.gapNanoseconds))
        case .opening, .open, .closing: actTCP(index)
        }
    }

    /// Sends a request with a number of its own, and remembers when an answer is due.
    func ask(_ index: Int) {
        flows[index].number += 1
        sendFromClient(index, InnerPacket(flows[index].tuple, stamp: stamp(index)))
    }

    func stamp(_ index: Int) -> FlowStamp {
        FlowStamp(flow: index, number: flows[index].number, isReply: false, sentAt: now)
    }

    func wait(_ index: Int, _ nanoseconds: UInt64) {
        flows[index].timer += 1
        queue.plan(.client, at: now + nanoseconds, index, 0, flows[index].timer)
    }

    /// The client is done with it; maybe it comes back, soon or when it has expired.
    func end(_ index: Int) {
        let workload = world.services[flows[index].service].workload
        openFlows[workload] -= 1
        flows[index].step = .over
        flows[index].timer += 1
        note(.ended, to: -1, UInt64(index))
        guard workloadRandom.chance(perMillion: plan.workloads[workload].again) else { return }
        let idle = UInt64(plan.time.idleSeconds + 2) * 1_000_000_000
        wait(
            index,
            workloadRandom.nanoseconds(1_000_000...idle + plan.cluster.quietNanoseconds))
    }

    func sendFromClient(_ index: Int, _ packet: InnerPacket) {
        let flow = flows[index]
        let service = world.services[flow.service]
        let instance = world.instances[flow.client]
        let overlay = OverlayHeader(
            vni: service.vni, innerIsIPv4: packet.tuple.source.isIPv4, bucket: flow.bucket,
            eni: instance.eni, resource: service.id, listener: flow.listener)
        let node = chooseNode(for: instance.machine, service, flow.bucket)
        if let stamp = packet.stamp { expectAnswer(index, stamp) }
        send(Datagram(from: instance.machine, to: node, overlay, packet))
    }

    /// The leader by belief, or now and then another node on purpose.
    func chooseNode(
        for machine: Machine, _ service: Service, _ bucket: BucketIndex
    ) -> Machine {
        let share = plan.workloads[service.workload].misrouted
        guard phase < .demand, workloadRandom.chance(perMillion: share) else {
            return beliefs.leader(
                for: machine, group: service.group, bucket: bucket, in: world)
        }
        return workloadRandom.pick(beliefs.members[service.group])
    }

    private func expectAnswer(_ index: Int, _ stamp: FlowStamp) {
        guard phase == .demand, flows[index].isEstablished, keepsAddress(index) else { return }
        figures.demanded += 1
        checks.convergence.expect(index, stamp.number, at: now)
    }

    /// A flow whose address was taken from its gateway has ended, and there may be no other address.
    private func keepsAddress(_ index: Int) -> Bool {
        let service = world.services[flows[index].service]
        guard service.kind == .nat, let source = checks.stable[index].translated?.source,
            case .v4(let address) = source
        else { return true }
        return control.keeps(address, service.id)
    }

    /// A packet came to the instance that a flow belongs to.
    func arriveAtClient(_ packet: ReadPacket) {
        let place = FlowPlace(vni: packet.overlay.vni, tuple: packet.summary.tuple.reversed)
        guard let index = flowPlaces[place] else { return }
        figures.answers += 1
        if packet.summary.kind == .tcp { return clientHeard(index, packet.summary, packet.stamp) }
        guard let stamp = packet.stamp, stamp.flow == index else { return }
        answered(index, stamp)
    }

    func answered(_ index: Int, _ stamp: FlowStamp) {
        flows[index].isEstablished = true
        flows[index].answered = max(flows[index].answered, stamp.number)
        checks.convergence.answered(index, stamp.number)
    }
}
