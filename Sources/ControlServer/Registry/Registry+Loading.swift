// How a registry comes out of a store.

import ControlClient

/// Why what a store holds is not a registry that this program can run by.
public struct RegistryError: Error, Sendable, Hashable, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }
}

extension Registry {
    /// Nil if the store is empty: no cluster was initialised in it.
    init?(entries: [StoredEntry]) throws(RegistryError) {
        guard !entries.isEmpty else { return nil }
        let byKey = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value) })
        self.init(
            cluster: try Self.decode(Self.clusterKey, byKey[Self.clusterKey]),
            sequence: try Self.decode(Self.sequenceKey, byKey[Self.sequenceKey]),
            channelKeys: try byKey[Self.channelKeysKey].map { value throws(RegistryError) in
                try Self.decode(Self.channelKeysKey, value)
            })
        for entry in entries { try load(entry) }
    }

    private mutating func load(_ entry: StoredEntry) throws(RegistryError) {
        guard let slash = entry.key.firstIndex(of: "/") else {
            throw RegistryError("unknown key \(entry.key)")
        }
        switch entry.key[..<slash] {
        case TenantRecord.collection: tenants.load(try Self.decode(entry.key, entry.value))
        case GroupRecord.collection: groups.load(try Self.decode(entry.key, entry.value))
        case NodeRecord.collection: nodes.load(try Self.decode(entry.key, entry.value))
        case HostRecord.collection: hosts.load(try Self.decode(entry.key, entry.value))
        case EdgeRecord.collection: edges.load(try Self.decode(entry.key, entry.value))
        case VPCRecord.collection: vpcs.load(try Self.decode(entry.key, entry.value))
        case EIPRecord.collection: eips.load(try Self.decode(entry.key, entry.value))
        case NATGatewayRecord.collection:
            natGateways.load(try Self.decode(entry.key, entry.value))
        case LoadBalancerRecord.collection:
            loadBalancers.load(try Self.decode(entry.key, entry.value))
        case ListenerRecord.collection: listeners.load(try Self.decode(entry.key, entry.value))
        case TargetGroupRecord.collection:
            targetGroups.load(try Self.decode(entry.key, entry.value))
        case TargetRecord.collection: targets.load(try Self.decode(entry.key, entry.value))
        case SecretRecord.collection: secrets.load(try Self.decode(entry.key, entry.value))
        case "meta", IdempotencyRecord.collection: break
        default: throw RegistryError("unknown key \(entry.key), perhaps of a newer release")
        }
    }

    private static func decode<T: Decodable>(
        _ key: String, _ value: [UInt8]?
    ) throws(RegistryError) -> T {
        guard let value else { throw RegistryError("\(key) is missing") }
        do {
            return try JSON.decode(T.self, from: value)
        } catch {
            throw RegistryError("\(key) cannot be read: \(error)")
        }
    }
}
