import Testing
import Translation
import Wire

/// What the compiled snapshot is found by, beside a dictionary and beside the prefix itself.
struct FlatMapTests {
    @Test func `a map gives back what a dictionary would`() {
        var random = SplitMix(state: 5)
        var map = FlatMap<ResourceID, Int>()
        var model: [ResourceID: Int] = [:]
        for step in 0..<20_000 {
            // Some ids are neighbours, some differ in their high bits only.
            let word = random.next()
            let key = ResourceID(rawValue: word & 1 == 0 ? word % 4096 : (word % 4096) << 52)
            if word >> 60 < 8 {
                map.set(key, to: step)
                model[key] = step
            }
            #expect(map[key] == model[key])
            #expect(map.count == model.count)
        }
    }

    @Test func `an empty map holds nothing`() {
        #expect(FlatMap<VNI, Int>()[.outside] == nil)
        #expect(FlatMap<IPv6Address, Int>()[IPv6Address(high: 0, low: 0)] == nil)
    }

    @Test(arguments: [
        "10.0.0.0/8", "10.1.2.3/32", "0.0.0.0/0", "192.0.2.128/25", "fd00:a::/48", "::/0",
        "2001:db8::/32", "2001:db8::1/128", "2001:db8:0:0:8000::/65", "fd00::/64",
    ])
    func `a range contains what its prefix does`(text: String) throws {
        let prefix = try #require(IPPrefix(text))
        let range = AddressRange(prefix)
        var random = SplitMix(state: 9)
        let base = prefix.address.mapped
        for _ in 0..<2_000 {
            // An address that shares a random number of bits with the prefix.
            let bits = random.next() % 129
            var high = base.high
            var low = base.low
            if bits < 64 {
                high ^= (random.next() | 1 << 63) >> bits
                low ^= random.next()
            } else if bits < 128 {
                low ^= (random.next() | 1 << 63) >> (bits - 64)
            }
            let address = IPAddress(unmapping: IPv6Address(high: high, low: low))
            #expect(range.contains(address) == prefix.contains(address), "\(address)")
        }
    }
}
