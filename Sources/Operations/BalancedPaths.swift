// What a target's router would know of a reply, and somebody who asks about one doesn't say: the
// listener that its flow came by, and the bucket that the flow is in.

import Configuration
import Steering
import Wire

/// The ways through one load balancer.
struct BalancedPaths {
    let balancer: LoadBalancerEntry
    let snapshot: Snapshot

    init(_ balancer: LoadBalancerEntry, _ snapshot: Snapshot) {
        self.balancer = balancer
        self.snapshot = snapshot
    }

    private func group(of listener: ListenerEntry) -> TargetGroupEntry? {
        snapshot.targetGroups.first { $0.id == listener.targetGroup }
    }

    /// The listener on `port`, or the only one that the target serves. Throws if none does, and if
    /// there are several to choose from.
    func listener(
        ofReply tuple: FlowTuple, port: Int?
    ) throws(FlowQueryError) -> ListenerEntry {
        let ofProtocol = balancer.listeners.filter { $0.ipProtocol == tuple.ipProtocol }
        let name = tuple.ipProtocol.text
        if let port {
            guard let found = ofProtocol.first(where: { Int($0.port.rawValue) == port }) else {
                throw FlowQueryError(
                    detail: "listenerPort: \(balancer.name) has no listener \(name)/\(port)")
            }
            return found
        }
        let serving = ofProtocol.filter { listener in
            group(of: listener)?.targets.contains {
                $0.address == tuple.source && $0.port == tuple.sourcePort
            } ?? false
        }
        // What no target would send is explained too: the node drops it by name.
        let choice = serving.isEmpty ? ofProtocol : serving
        guard let first = choice.first else {
            throw FlowQueryError(detail: "\(balancer.name) has no \(name) listener")
        }
        guard choice.count == 1 || serving.isEmpty else {
            let names = choice.map { "\(name)/\($0.port.rawValue)" }.joined(separator: ", ")
            throw FlowQueryError(
                detail: "listenerPort: the target serves several listeners; say by which of them "
                    + "its flow came: \(names)")
        }
        return first
    }

    /// The bucket of the flow that a reply belongs to.
    func bucket(
        ofReply tuple: FlowTuple, by listener: ListenerEntry, client: VNI?
    ) -> BucketIndex {
        let settings = snapshot.cluster
        guard group(of: listener)?.preservesClientAddress ?? true else {
            // The client's port is one of the bucket's port set.
            return PortSets(range: settings.portRange, bucketCount: settings.bucketCount)?
                .bucket(of: tuple.destinationPort) ?? BucketIndex(0)
        }
        return BucketHash(
            key0: balancer.hashKey.first, key1: balancer.hashKey.second,
            bucketCount: settings.bucketCount
        ).loadBalancer(
            ipProtocol: tuple.ipProtocol, clientVNI: client ?? network(of: tuple.destination),
            client: tuple.destination, clientPort: tuple.destinationPort)
    }

    /// Where a client with this address is, if nobody says.
    private func network(of client: IPAddress) -> VNI {
        let isInside = snapshot.vpcs.contains {
            $0.vni == balancer.vni && $0.prefix.contains(client)
        }
        return isInside ? balancer.vni : .outside
    }
}
