// What must hold between the parts of a snapshot. A snapshot with a problem is never applied: its
// holder runs on by the last good one.

import Wire

extension Snapshot {
    /// One sentence for each contradiction; empty for a snapshot that can be run by.
    public func problems() -> [String] {
        clusterProblems() + cluster.consensusProblems() + groupProblems() + ownerProblems()
            + addressProblems()
            + identityProblems() + limitProblems()
    }

    private func clusterProblems() -> [String] {
        var problems: [String] = []
        let settings = cluster
        if !(1...View.mostBuckets).contains(settings.bucketCount) {
            problems.append(
                "\(settings.bucketCount) buckets are not between 1 and \(View.mostBuckets)")
        } else if settings.portRange.count % settings.bucketCount != 0 {
            problems.append(
                "\(settings.bucketCount) buckets do not divide \(settings.portRange.count) ports")
        }
        if settings.portRange.lowerBound == 0 { problems.append("port 0 is in the port range") }
        return problems
    }

    private func groupProblems() -> [String] {
        var problems: [String] = []
        let known = Set(nodes.map(\.id))
        for group in groups {
            if group.members.isEmpty || !group.members.allSatisfy(known.contains) {
                problems.append("group \(group.id) names a node that is not in the snapshot")
            }
            if group.leaders.count != cluster.bucketCount
                || !group.leaders.allSatisfy({ Int($0) < group.members.count })
            {
                problems.append("group \(group.id) does not name a leader for each bucket")
            }
            // One joins before another leaves.
            if group.members.count > View.mostSeats - 1 || group.configuration == 0 {
                problems.append("group \(group.id) has more than 7 members, or no configuration")
            }
            if Set(group.members).count != group.members.count {
                problems.append("group \(group.id) names a member twice")
            }
        }
        return problems
    }

    private func ownerProblems() -> [String] {
        let groupIDs = Set(groups.map(\.id))
        let tenantIDs = Set(tenants.map(\.id))
        let vnis = Set(vpcs.map(\.vni))
        let targetGroupIDs = Set(targetGroups.map(\.id))
        var problems: [String] = []
        for tenant in tenants where !groupIDs.contains(tenant.group) {
            problems.append("tenant \(tenant.name) is in a group that is not in the snapshot")
        }
        for vpc in vpcs where !tenantIDs.contains(vpc.tenant) || vpc.vni == .outside {
            problems.append("VPC \(vpc.id) has no tenant, or the VNI of the outside")
        }
        for gateway in natGateways
        where !tenantIDs.contains(gateway.tenant) || !vnis.contains(gateway.vni) {
            problems.append("NAT gateway \(gateway.name) has no tenant or no VPC")
        }
        for balancer in loadBalancers {
            if !tenantIDs.contains(balancer.tenant) || !vnis.contains(balancer.vni) {
                problems.append("load balancer \(balancer.name) has no tenant or no VPC")
            }
            if !balancer.listeners.allSatisfy({ targetGroupIDs.contains($0.targetGroup) }) {
                problems.append("load balancer \(balancer.name) forwards to no target group")
            }
        }
        return problems
    }

    private func addressProblems() -> [String] {
        var problems: [String] = []
        var owners: Set<IPAddress> = []
        let outer = nodes.map(\.address) + hosts.map(\.address) + edges.map(\.address)
        for address in outer where !owners.insert(address).inserted {
            problems.append("two machines have the outer address \(address)")
        }
        var publicAddresses: Set<IPv4Address> = []
        let given =
            natGateways.flatMap { $0.eips.map(\.address) }
            + loadBalancers.compactMap(\.publicAddress)
        for address in given where !publicAddresses.insert(address).inserted {
            problems.append("two resources own the public address \(address)")
        }
        return problems
    }

    /// No number names two things, and what belongs together has one owner.
    private func identityProblems() -> [String] {
        var problems: [String] = []
        var networkOwners: [VNI: UInt64] = [:]
        for vpc in vpcs where networkOwners.updateValue(vpc.tenant, forKey: vpc.vni) != nil {
            problems.append("two VPCs have the VNI \(vpc.vni.rawValue)")
        }
        var resources: Set<ResourceID> = []
        for id in natGateways.map(\.id) + loadBalancers.map(\.id)
        where !resources.insert(id).inserted {
            problems.append("two resources have the id \(id.rawValue)")
        }
        for gateway in natGateways where networkOwners[gateway.vni] != gateway.tenant {
            problems.append("NAT gateway \(gateway.name) is in another tenant's VPC")
        }
        var groupOwners: [UInt64: UInt64] = [:]
        for group in targetGroups { groupOwners[group.id] = networkOwners[group.vni] }
        for balancer in loadBalancers
        where networkOwners[balancer.vni] != balancer.tenant
            || balancer.listeners.contains(where: {
                groupOwners[$0.targetGroup] != balancer.tenant
            })
        {
            problems.append(
                "load balancer \(balancer.name) is in, or forwards to, another tenant's VPC")
        }
        return problems
    }

    /// What is out of the range in which the packet path can hold to it.
    private func limitProblems() -> [String] {
        var problems: [String] = []
        let timers =
            natGateways.map { ($0.name, $0.timers) } + loadBalancers.map { ($0.name, $0.timers) }
        for (name, timers) in timers {
            let all = [timers.timeouts] + timers.rules.map(\.timeouts)
            if !all.allSatisfy(\.isInRange) || timers.rules.count > FlowTimers.ruleLimit {
                problems.append("\(name) has a timer that is not 1 to 86,400 s, or too many rules")
            }
        }
        // RFC 8200 §5: no link of the Internet carries less than 1280 bytes of IPv6.
        for mtu in edges.map(\.mtu) + [cluster.overlayMTU] where mtu < 1280 {
            problems.append("an MTU of \(mtu) bytes is below 1280")
        }
        return problems
    }
}
