// What a leader knows of its connections' sequence numbers is its own: it isn't sent to followers, and
// grows old as soon as another leads.

import Configuration
public import Tables
import Wire

extension Translator {
    /// This engine leads a chain no more: if it ever does again, each connection's first segments tell
    /// where its windows are. Linear in the chain.
    public mutating func forgetTracking(
        chain: Int, _ flowsV4: inout FlowTable<IPv4FlowLayout>,
        _ flowsV6: inout FlowTable<IPv6FlowLayout>
    ) {
        flowsV4.forEach(inChain: chain) { _, hot, cold in
            cold.tracker = .unknown
            hot.replication.toldState = nil
            return .keep
        }
        flowsV6.forEach(inChain: chain) { _, hot, cold in
            cold.tracker = .unknown
            hot.replication.toldState = nil
            return .keep
        }
    }
}
