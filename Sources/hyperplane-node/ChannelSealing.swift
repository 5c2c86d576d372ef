// How this node's channels are sealed: AES-GCM, by the keys of the configuration.

import Consensus
import Sealing
import Wire

/// Makes sealers of channels.
enum ChannelSealing {
    static func make(_ own: ChannelIdentity, _ peer: ChannelIdentity) -> SealerBox {
        SealerBox(ChannelSealer(own: ChannelEnd(own), peer: ChannelEnd(peer)))
    }
}

extension ChannelEnd {
    fileprivate init(_ identity: ChannelIdentity) {
        self.init(
            address: identity.address, incarnation: identity.incarnation,
            nonce: identity.greeting.nonce)
    }
}
