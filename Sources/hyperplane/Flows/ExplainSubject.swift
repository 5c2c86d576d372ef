// From the options of `explain` to the question that a node is asked, and to the node that can
// answer it: the leader of the packet's bucket.

import ControlClient
import Wire

/// What is asked, about whose resource, and how it reads.
struct ExplainSubject: Sendable {
    var request: NodeAPI.ExplainRequest
    var tenant: Identifier
    var title: String

    var packet: String {
        let source = NodeAPI.Flow.endpoint(request.source, request.sourcePort)
        let destination = NodeAPI.Flow.endpoint(request.destination, request.destinationPort)
        return "\(request.ipProtocol) \(source) > \(destination), \(request.direction)"
    }
}

extension ExplainCommand {
    func subject(_ session: Session) async throws -> ExplainSubject {
        if let natGateway {
            let gateway = try await session.find(API.NATGateway.self, natGateway)
            let vpc = try await session.vpc(gateway.vpc.description)
            return ExplainSubject(
                request: detailed(plainRequest(gateway.id, vni: inbound ? 0 : vpc.vni)),
                tenant: gateway.tenant, title: gateway.title)
        }
        let balancer = try await session.find(API.LoadBalancer.self, loadBalancer!)
        let vpc = try await session.vpc(balancer.vpc.description)
        let request =
            inbound
            ? replyRequest(balancer, vpc)
            : try clientRequest(balancer, vpc)
        return ExplainSubject(
            request: detailed(request), tenant: balancer.tenant, title: balancer.title)
    }

    /// With the flags or type that are asked for.
    private func detailed(_ request: NodeAPI.ExplainRequest) -> NodeAPI.ExplainRequest {
        var request = request
        request.tcpFlags = tcpFlags?.names
        request.icmpType = icmpType.map(Int.init)
        return request
    }

    /// The VNI of a load balancer's client; nil leaves it to its address.
    private func statedVNI(_ vpc: API.VPC) -> UInt32? {
        clientVNI ?? from.map { $0 == .outside ? 0 : vpc.vni }
    }

    /// A packet from a target: of the target group's VPC, which is the load balancer's.
    private func replyRequest(
        _ balancer: API.LoadBalancer, _ vpc: API.VPC
    ) -> NodeAPI.ExplainRequest {
        var request = plainRequest(balancer.id, vni: vpc.vni)
        request.listenerPort = listener.map { Int($0.port) }
        request.clientVNI = statedVNI(vpc)
        return request
    }

    /// `--source` and `--destination`; validation has seen that both are there.
    private func plainRequest(_ resource: Identifier, vni: UInt32) -> NodeAPI.ExplainRequest {
        let (source, destination) = (source!, destination!)
        let isReply = inbound && destination.transport == .icmp
        return NodeAPI.ExplainRequest(
            resource: resource.description, direction: inbound ? "inbound" : "outbound", vni: vni,
            ipProtocol: destination.transport.rawValue, source: source.address.description,
            // Inbound, the identifier of an ICMP query plays the destination port's part.
            sourcePort: isReply ? 0 : Int(source.port),
            destination: destination.address.description,
            destinationPort: isReply ? Int(source.port) : Int(destination.port))
    }

    /// `--client` and `--listener`. A client that is not in the VPC comes through an edge, to the
    /// public address.
    private func clientRequest(
        _ balancer: API.LoadBalancer, _ vpc: API.VPC
    ) throws -> NodeAPI.ExplainRequest {
        let (client, listener) = (client!, listener!)
        let isInside = IPPrefix(vpc.prefix)?.contains(client.address) ?? true
        let vni = statedVNI(vpc) ?? (isInside ? vpc.vni : 0)
        guard vni != 0 || balancer.publicAddress != nil else {
            throw Failure(
                .refused,
                "\(balancer.title) has no public address, and \(client.address) is outside",
                advice: [
                    "Its clients are inside \(vpc.prefix): choose one of them by --client.",
                    "An EIP makes it public: hyperplane load-balancer create --eip ADDRESS",
                ])
        }
        return NodeAPI.ExplainRequest(
            resource: balancer.id.description, direction: "outbound", vni: vni,
            ipProtocol: listener.transport.rawValue, source: client.address.description,
            sourcePort: Int(client.port),
            destination: vni == 0 ? balancer.publicAddress! : balancer.address,
            destinationPort: Int(listener.port))
    }
}

extension Session {
    /// The leader's answer. Whoever of the tenant's nodes is asked first names the leader.
    func explain(_ subject: ExplainSubject) async throws -> (NodeAPI.Explanation, API.Node?) {
        let nodes = try await servingNodes(of: subject.tenant)
        var failures: [Failure] = []
        for node in nodes {
            do {
                let first = try await ask(node, subject.request)
                guard let leader = nodes.first(where: { first.isLed(by: $0) }), leader.id != node.id
                else { return (first, node) }
                return (try await ask(leader, subject.request), leader)
            } catch let failure as Failure
                where failure.status == .unreachable || failure.status == .notFound
            {
                // Down, without a snapshot, or not yet told of the resource: another may know.
                failures.append(failure)
            }
        }
        for failure in failures.dropLast() { StandardError.warn(failure.message) }
        throw failures.last
            ?? Failure(
                .refused, "no node serves the tenant yet",
                advice: ["See: hyperplane tenant show \(subject.tenant)"])
    }

    private func ask(
        _ node: API.Node, _ request: NodeAPI.ExplainRequest
    ) async throws -> NodeAPI.Explanation {
        try await NodeEndpoint(node: node).post(
            "/v1/explain", request, as: NodeAPI.Explanation.self)
    }

    /// The nodes of the tenant's shard, in its order.
    private func servingNodes(of tenant: Identifier) async throws -> [API.Node] {
        let owner = try await find(API.Tenant.self, tenant.description, where: [:])
        let all = try await list(API.Node.self, where: [:])
        return owner.nodes.compactMap { id in all.first { $0.id == id } }
    }
}
