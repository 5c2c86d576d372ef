// Which ports of NAT gateways are in use, and toward what: read from the flow table, which is the
// truth on it, for people who ask how much is left. Nothing here changes anything.

import Configuration
import Steering
public import Tables
public import Wire

/// A port that can't be given to another flow toward the same destination, and who has it.
public struct PortUse: Sendable, BitwiseCopyable {
    public var gateway: ResourceID
    /// The inside address; zero where only the borrower of the port knows it.
    public var client: IPv4Address
    /// The EIP.
    public var external: IPv4Address
    public var remote: IPv4Address
    public var remotePort: Port
    public var ipProtocol: IPProtocol
    public var marks: Marks

    public struct Marks: OptionSet, Sendable, BitwiseCopyable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The port is of a set that this engine leads. Over all engines, each port in use has this
        /// mark once, toward one destination.
        public static let isOfOwnSet = Marks(rawValue: 1)
        /// The flow is this engine's. Over all engines, each flow has this mark once.
        public static let isOwnFlow = Marks(rawValue: 2)
        /// Another bucket uses it than the one whose port it is.
        public static let isOnLoan = Marks(rawValue: 4)
        /// Its flow has ended, and its quiet time has not.
        public static let isQuiet = Marks(rawValue: 8)
    }
}

/// The ports of one gateway that an engine leads.
public struct GatewayPorts: Sendable, BitwiseCopyable {
    public var gateway: ResourceID
    public var tenant: UInt64
    /// Of each of its EIPs.
    public var portsPerEIP: Int
}

extension Translator {
    /// What a record of a bucket that this engine leads says of a port; nil if it is no NAT gateway's.
    public func portUse(_ record: IPv4FlowRecord) -> PortUse? {
        let slot = record.scope.resourceSlot
        guard resources.resources[slot].kind == .natGateway, record.state != .sticky else {
            return nil
        }
        let translated = record.translated.withoutLoan
        guard let owner = resources.portSets.bucket(of: translated.sourcePort),
            case .v4(let client) = record.outbound.source,
            case .v4(let external) = translated.source,
            case .v4(let remote) = translated.destination
        else { return nil }
        let isLent = record.translated != translated
        var marks: PortUse.Marks = isLent ? [.isOnLoan] : [.isOwnFlow]
        if owner != record.bucket { marks.insert(.isOnLoan) }
        if record.state == .quiet { marks.insert(.isQuiet) }
        // A port on loan has a record of its own in its own bucket.
        if owner == record.bucket { marks.insert(.isOfOwnSet) }
        return PortUse(
            gateway: resources.resources[slot].id,
            client: isLent ? IPv4Address(rawValue: 0) : client, external: external,
            remote: remote, remotePort: translated.destinationPort,
            ipProtocol: translated.ipProtocol, marks: marks)
    }

    /// The ports that this engine leads of the resource in a slot; nil if it is no NAT gateway, or
    /// gone.
    public func gatewayPorts(_ slot: Int) -> GatewayPorts? {
        let resource = resources.resources[slot]
        guard resource.kind == .natGateway, resource.isLive else { return nil }
        let led = resource.group < ledBuckets.count ? ledBuckets[resource.group] : 0
        return GatewayPorts(
            gateway: resource.id, tenant: resource.tenant,
            portsPerEIP: led * resources.portSets.portsPerBucket)
    }

    /// Where the port is drawn from that an inbound packet of a NAT gateway is addressed to.
    public func portDestination(of arrival: Arrival) -> PortDestination {
        lentDestination(arrival)
    }
}
