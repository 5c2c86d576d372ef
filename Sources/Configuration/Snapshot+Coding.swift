// Readers and writers of the snapshot and of what is around its resources, field by field.

import Wire

extension Snapshot: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(version)
        cluster.write(to: &writer)
        writer.write(nodes)
        writer.write(hosts)
        writer.write(edges)
        writer.write(groups)
        writer.write(tenants)
        writer.write(vpcs)
        writer.write(natGateways)
        writer.write(loadBalancers)
        writer.write(targetGroups)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            version: try reader.uint64(), cluster: try ClusterSettings(from: &reader))
        nodes = try reader.list(of: NodeEntry.self)
        hosts = try reader.list(of: HostEntry.self)
        edges = try reader.list(of: EdgeEntry.self)
        groups = try reader.list(of: GroupEntry.self)
        tenants = try reader.list(of: TenantEntry.self)
        vpcs = try reader.list(of: VPCEntry.self)
        natGateways = try reader.list(of: NATGatewayEntry.self)
        loadBalancers = try reader.list(of: LoadBalancerEntry.self)
        targetGroups = try reader.list(of: TargetGroupEntry.self)
    }
}

extension NodeEntry: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(id.rawValue)
        writer.write(name)
        writer.write(zone)
        writer.write(address)
        writer.write(operations)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            id: NodeID(rawValue: try reader.uint64()), name: try reader.text(),
            zone: try reader.text(), address: try reader.address(),
            operations: try reader.text())
    }
}

extension HostEntry: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(name)
        writer.write(address)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            id: try reader.uint64(), name: try reader.text(), address: try reader.address())
    }
}

extension EdgeEntry: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(name)
        writer.write(address)
        writer.write(mtu)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            id: try reader.uint64(), name: try reader.text(), address: try reader.address(),
            mtu: try reader.uint16())
    }
}

extension GroupEntry: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(configuration)
        writer.write(UInt8(members.count))
        for member in members { writer.write(member.rawValue) }
        writer.write(UInt32(leaders.count))
        for leader in leaders { writer.write(leader) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let id = try reader.uint64()
        let configuration = try reader.uint32()
        var members: [NodeID] = []
        for _ in 0..<(try reader.uint8()) { members.append(NodeID(rawValue: try reader.uint64())) }
        var leaders: [UInt8] = []
        for _ in 0..<(try reader.uint32()) { leaders.append(try reader.uint8()) }
        self.init(id: id, members: members, leaders: leaders, configuration: configuration)
    }
}

extension TenantEntry: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(name)
        writer.write(group)
        quota.write(to: &writer)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            id: try reader.uint64(), name: try reader.text(), group: try reader.uint64(),
            quota: try Quota(from: &reader))
    }
}

extension VPCEntry: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(tenant)
        writer.write(vni.rawValue)
        writer.write(prefix.address)
        writer.write(UInt8(prefix.length))
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let id = try reader.uint64()
        let tenant = try reader.uint64()
        let vni = try reader.vni()
        let address = try reader.address()
        guard let prefix = IPPrefix(address, length: Int(try reader.uint8())) else {
            throw .invalid("a VPC's prefix has bits set beyond its length")
        }
        self.init(id: id, tenant: tenant, vni: vni, prefix: prefix)
    }
}

extension ByteReader {
    mutating func vni() throws(SnapshotError) -> VNI {
        guard let vni = VNI(rawValue: try uint32()) else {
            throw .invalid("a VNI needs more than 24 bits")
        }
        return vni
    }
}
