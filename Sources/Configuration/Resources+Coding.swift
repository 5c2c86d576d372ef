// Readers and writers of NAT gateways and load balancers, field by field.

import Wire

extension IdleTimeouts: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(tcpEstablishedSeconds)
        writer.write(tcpOpeningSeconds)
        writer.write(tcpClosingSeconds)
        writer.write(udpSeconds)
        writer.write(icmpSeconds)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            tcpEstablishedSeconds: try reader.uint32(), tcpOpeningSeconds: try reader.uint32(),
            tcpClosingSeconds: try reader.uint32(), udpSeconds: try reader.uint32(),
            icmpSeconds: try reader.uint32())
    }
}

extension TimeoutRule: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(prefix.address)
        writer.write(UInt8(prefix.length))
        timeouts.write(to: &writer)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let address = try reader.address()
        guard let prefix = IPPrefix(address, length: Int(try reader.uint8())) else {
            throw .invalid("a timeout rule's prefix has bits set beyond its length")
        }
        self.init(prefix: prefix, timeouts: try IdleTimeouts(from: &reader))
    }
}

extension FlowTimers: ByteCodable {
    func write(to writer: inout ByteWriter) {
        timeouts.write(to: &writer)
        writer.write(rules)
        writer.write(UInt8(resetsOnExpiry ? 1 : 0))
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            try IdleTimeouts(from: &reader), rules: try reader.list(of: TimeoutRule.self),
            resetsOnExpiry: try reader.uint8() != 0)
    }
}

extension Quota: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(flows)
        writer.write(newFlowsPerSecond)
        writer.write(packetsPerSecond)
        writer.write(bitsPerSecond)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            flows: try reader.uint64(), newFlowsPerSecond: try reader.uint64(),
            packetsPerSecond: try reader.uint64(), bitsPerSecond: try reader.uint64())
    }
}

extension HashKey: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(first)
        writer.write(second)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(first: try reader.uint64(), second: try reader.uint64())
    }
}

extension EIPEntry: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(address.rawValue)
        writer.write(state.rawValue)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let id = try reader.uint64()
        let address = IPv4Address(rawValue: try reader.uint32())
        guard let state = EIPState(rawValue: try reader.uint8()) else {
            throw .invalid("an EIP is in a state that this release doesn't know")
        }
        self.init(id: id, address: address, state: state)
    }
}

extension NATGatewayEntry: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(id.rawValue)
        writer.write(tenant)
        writer.write(name)
        writer.write(vni.rawValue)
        hashKey.write(to: &writer)
        writer.write(eips)
        timers.write(to: &writer)
        quota.write(to: &writer)
        writer.write(portsPerAddress)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            id: ResourceID(rawValue: try reader.uint64()), tenant: try reader.uint64(),
            name: try reader.text(), vni: try reader.vni(), hashKey: try HashKey(from: &reader),
            eips: try reader.list(of: EIPEntry.self), timers: try FlowTimers(from: &reader),
            quota: try Quota(from: &reader), portsPerAddress: try reader.uint32())
    }
}

extension LoadBalancerEntry: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(id.rawValue)
        writer.write(tenant)
        writer.write(name)
        writer.write(vni.rawValue)
        hashKey.write(to: &writer)
        writer.write(address)
        writer.write(publicAddress?.rawValue ?? 0)
        writer.write(listeners)
        timers.write(to: &writer)
        quota.write(to: &writer)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            id: ResourceID(rawValue: try reader.uint64()), tenant: try reader.uint64(),
            name: try reader.text(), vni: try reader.vni(), hashKey: try HashKey(from: &reader),
            address: try reader.address())
        let publicAddress = try reader.uint32()
        self.publicAddress = publicAddress == 0 ? nil : IPv4Address(rawValue: publicAddress)
        listeners = try reader.list(of: ListenerEntry.self)
        timers = try FlowTimers(from: &reader)
        quota = try Quota(from: &reader)
    }
}

extension ListenerEntry: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(index)
        writer.write(ipProtocol.rawValue)
        writer.write(port.rawValue)
        writer.write(targetGroup)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            id: try reader.uint64(), index: try reader.uint16(),
            ipProtocol: IPProtocol(rawValue: try reader.uint8()),
            port: Port(try reader.uint16()), targetGroup: try reader.uint64())
    }
}

extension TargetGroupEntry: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(name)
        writer.write(vni.rawValue)
        writer.write(UInt8(preservesClientAddress ? 1 : 0))
        writer.write(algorithm.rawValue)
        writer.write(UInt8(isSticky ? 1 : 0))
        writer.write(targets)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            id: try reader.uint64(), name: try reader.text(), vni: try reader.vni(),
            preservesClientAddress: try reader.uint8() != 0)
        guard let algorithm = TargetAlgorithm(rawValue: try reader.uint8()) else {
            throw .invalid("a target group has an algorithm that this release doesn't know")
        }
        self.algorithm = algorithm
        isSticky = try reader.uint8() != 0
        targets = try reader.list(of: TargetEntry.self)
    }
}

extension TargetEntry: ByteCodable {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(address)
        writer.write(port.rawValue)
        writer.write(weight)
        writer.write(state.rawValue)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let id = try reader.uint64()
        let address = try reader.address()
        let port = Port(try reader.uint16())
        let weight = try reader.uint16()
        guard let state = TargetState(rawValue: try reader.uint8()) else {
            throw .invalid("a target is in a state that this release doesn't know")
        }
        self.init(id: id, address: address, port: port, weight: weight, state: state)
    }
}
