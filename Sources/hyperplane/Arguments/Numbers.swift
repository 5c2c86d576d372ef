// Numbers of the command line, checked where they are read: a wrong one is refused with the range
// that is right, before anything is sent.

/// Transforms for `@Option(transform:)`; each throws `InvalidValue`.
package enum NumberArgument {
    /// 1 to 65535.
    package static func port(_ text: String) throws -> UInt16 {
        try number(text, in: 1...65535, called: "a port")
    }

    /// 0 to 999, as target weights are.
    package static func weight(_ text: String) throws -> UInt16 {
        try number(text, in: 0...999, called: "a weight")
    }

    /// 1 to 2^24 - 1; 0 is the outside.
    package static func vni(_ text: String) throws -> UInt32 {
        try number(text, in: 1...16_777_215, called: "a VNI")
    }

    /// 0 to 255.
    package static func icmpType(_ text: String) throws -> UInt8 {
        try number(text, in: 0...255, called: "an ICMP type")
    }

    /// 1 to 86400.
    package static func timeoutSeconds(_ text: String) throws -> UInt32 {
        try number(text, in: 1...86_400, called: "an idle timeout in seconds")
    }

    /// 1280 to 9216 bytes.
    package static func mtu(_ text: String) throws -> Int {
        try number(text, in: 1280...9216, called: "an MTU")
    }

    /// 1 to 3600 seconds.
    package static func quietTime(_ text: String) throws -> Int {
        try number(text, in: 2...3600, called: "a quiet time")
    }

    /// 1 to 3600 seconds.
    package static func lossQuietTime(_ text: String) throws -> Int {
        try number(text, in: 1...3600, called: "a quiet time after a loss")
    }

    /// 1 to 100,000.
    package static func limit(_ text: String) throws -> Int {
        try number(text, in: 1...100_000, called: "a limit")
    }

    /// Plain decimal digits within the range.
    package static func number<Value: FixedWidthInteger>(
        _ text: String, in range: ClosedRange<Value>, called name: String
    ) throws -> Value {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw InvalidValue("\(name) is a whole number, \(words(range))")
        }
        guard let value = Value(text), range.contains(value) else {
            throw InvalidValue("\(name) is \(words(range))")
        }
        return value
    }

    private static func words(_ range: ClosedRange<some FixedWidthInteger>) -> String {
        "\(range.lowerBound) to \(range.upperBound)"
    }
}
