// Addresses and prefixes as text: what is read is printed in one form, which reads the same.

import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        let text = String(decoding: copy(bytes), as: UTF8.self)
        if let address = IPAddress(text) {
            check(IPAddress(address.description) == address, "an address prints as itself")
            check(IPAddress(unmapping: address.mapped).mapped == address.mapped, "one key")
        }
        if let prefix = IPPrefix(text) {
            check(IPPrefix(prefix.description) == prefix, "a prefix prints as itself")
            check(prefix.contains(prefix.address), "a prefix contains its address")
        }
        if let address = MACAddress(text) {
            check(MACAddress(address.description) == address, "a MAC address prints as itself")
        }
    }
}
