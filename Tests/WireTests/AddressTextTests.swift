// Addresses, prefixes and MAC addresses as text: one printed form, and nothing else that looks
// like it is taken.

import Testing
import Wire

struct AddressTextTests {
    @Test(arguments: [
        ("0.0.0.0", 0), ("255.255.255.255", UInt32.max), ("10.0.1.5", 0x0A00_0105),
        ("203.0.113.1", 0xCB00_7101),
    ])
    func `an IPv4 address reads and prints as four decimal numbers`(
        _ text: String, _ value: UInt32
    ) throws {
        let address = try #require(IPv4Address(text))
        #expect(address.rawValue == value)
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", ".1.2.3", "1..2.3", "+1.2.3.4",
        "1.2.3.4 ", "0x1.2.3.4", "1.2.3.1000", "١.2.3.4",
    ])
    func `what isn't an IPv4 address is not taken for one`(_ text: String) {
        #expect(IPv4Address(text) == nil)
        #expect(IPAddress(text) == nil)
    }

    // RFC 5952 §4, RFC 4291 §2.2.
    @Test(arguments: [
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:0db8::0001", "2001:db8::1"),
        ("2001:db8::0:1", "2001:db8::1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:DB8::A", "2001:db8::a"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("::1", "::1"),
        ("1::", "1::"),
        ("1:0:0:0:0:0:0:0", "1::"),
        ("::ffff:c633:6407", "::ffff:198.51.100.7"),
        ("64:ff9b::198.51.100.7", "64:ff9b::c633:6407"),
        ("1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"),
    ])
    func `an IPv6 address prints in the canonical form`(_ text: String, _ form: String) throws {
        let address = try #require(IPv6Address(text))
        #expect(address.description == form)
        #expect(IPv6Address(form) == address)
    }

    @Test(arguments: [
        "", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7::8:9",
        "12345::", "g::", "1:", ":1", "1::2:", "::1%eth0", "1.2.3.4::", "1.2.3.4::1",
        "::1.2.3.4:5", "::256.1.1.1", "1:2:3:4:5:6:7:1.2.3.4", "::+1", "::ffff:1.2.3",
    ])
    func `what isn't an IPv6 address is not taken for one`(_ text: String) {
        #expect(IPv6Address(text) == nil)
    }

    @Test func `a prefix has no bits beyond its length`() throws {
        let prefix = try #require(IPPrefix("10.0.0.0/16"))
        #expect(prefix.description == "10.0.0.0/16")
        #expect(prefix.contains(.v4(IPv4Address(10, 0, 255, 255))))
        #expect(!prefix.contains(.v4(IPv4Address(10, 1, 0, 0))))
        #expect(!prefix.contains(.v6(IPv6Address(mapping: IPv4Address(10, 0, 0, 1)))))
        #expect(IPPrefix("0.0.0.0/0")?.contains(.v4(IPv4Address(1, 2, 3, 4))) == true)
        let prefix6 = try #require(IPPrefix("2001:db8::/65"))
        #expect(prefix6.contains(.v6(IPv6Address(high: 0x2001_0DB8_0000_0000, low: .max >> 1))))
        #expect(!prefix6.contains(.v6(IPv6Address(high: 0x2001_0DB8_0000_0000, low: .max))))
    }

    @Test(arguments: [
        "10.0.0.1/16", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
        "10.0.0.0/", "/8", "2001:db8::/129", "2001:db8::1/64", "10.0.0.0/8/8", "10.0.0.0/999",
    ])
    func `what isn't a prefix is not taken for one`(_ text: String) {
        #expect(IPPrefix(text) == nil)
    }

    @Test func `a mapped address is the same key and comes back as IPv4`() {
        let address = IPAddress.v4(IPv4Address(198, 51, 100, 7))
        #expect(address.mapped.description == "::ffff:198.51.100.7")
        #expect(IPAddress(unmapping: address.mapped) == address)
        let other = IPAddress.v6(IPv6Address(high: 1, low: 2))
        #expect(IPAddress(unmapping: other.mapped) == other)
    }
}
