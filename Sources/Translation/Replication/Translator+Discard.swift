// What a member holds of a bucket that it keeps no more, or is to be filled with anew, goes.

import Configuration
import Tables
import Wire

extension Translator {
    /// Removes up to `limit` records of a chain and gives back all that they held. True if the chain is
    /// empty; else, or if too many walks are open, call again.
    mutating func discard<Layout: TranslationLayout>(
        chain: Int, limit: Int, table flows: inout FlowTable<Layout>
    ) -> Bool {
        guard !flows.isEmpty(chain: chain) else { return true }
        guard let walk = flows.beginWalk(ofChain: chain) else { return false }
        let isOver = flows.advance(walk, limit: limit) { _, hot, _ in
            // Of a flow that this engine was about to begin, too.
            if hot.isCounted, hot.state != .sticky { untally(hot) }
            forget(hot, .discarded)
            return .remove
        }
        if !isOver { flows.abandon(walk) }
        return isOver
    }
}
