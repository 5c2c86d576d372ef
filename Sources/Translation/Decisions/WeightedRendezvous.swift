// Weighted rendezvous hashing (Thaler and Ravishankar 1998; weights after Schindelhauer and
// Schomaker 2005): each target draws from the flow's hash; the smallest -log2(draw) / weight wins.
// A target that comes or goes moves no flow between the others.

import Wire

/// The choice of a target by a flow's hash.
package struct WeightedRendezvous {
    let key0: UInt64
    let key1: UInt64
    let flow: UInt64

    /// `flow`: a hash of the flow.
    package init(key0: UInt64, key1: UInt64, flow: UInt64) {
        self.key0 = key0
        self.key1 = key1
        self.flow = flow
    }

    /// How long the candidate `identity` makes the flow wait: the candidate with the least wins.
    /// Not for weight 0.
    package func wait(of identity: UInt64, weight: UInt16) -> UInt64 {
        var hash = SipHash13(key0: key0, key1: key1)
        hash.combine(flow)
        hash.combine(identity)
        return Self.negativeLog2(hash.finish()) / UInt64(weight)
    }

    /// -log2((x + 1) / 2^64) in units of 2^-48: 0 to 64 * 2^48, monotone, to about 2^-16 exact.
    /// In integers, so that every machine agrees to the bit.
    package static func negativeLog2(_ x: UInt64) -> UInt64 {
        guard x != .max else { return 0 }
        let value = x + 1
        let leadingZeros = UInt64(value.leadingZeroBitCount)
        // The bits below the leading one.
        let mantissa = (value << leadingZeros) << 1
        let index = Int(mantissa >> 56)
        let low = logTable[index]
        let high = logTable[index + 1]
        let fraction = (mantissa << 8) >> 48
        let log = low + ((high - low) * fraction) >> 16
        return ((leadingZeros + 1) << 48) - log
    }

    /// log2(1 + i / 256) in units of 2^-48, by repeated squaring, for i from 0 to 256.
    private static let logTable: [UInt64] = (0...256).map { step in
        guard step < 256 else { return 1 << 48 }
        // x in [1, 2) with 62 fraction bits; each squaring gives one bit of the logarithm.
        var x = (UInt64(256 + step) << 54)
        var log: UInt64 = 0
        for _ in 0..<48 {
            let square = x.multipliedFullWidth(by: x)
            x = square.high << 2 | square.low >> 62
            log <<= 1
            if x >> 63 == 1 {
                log |= 1
                x >>= 1
            }
        }
        return log
    }
}
