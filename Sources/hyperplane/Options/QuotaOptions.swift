// What a tenant, a NAT gateway or a load balancer may use at most.

import ArgumentParser
import ControlClient

struct QuotaOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Flows at one time; none lifts the limit.", valueName: "number"),
        transform: AmountArgument.limit)
    var maxFlows: Int?

    @Option(
        help: ArgumentHelp("New flows a second, or none.", valueName: "number"),
        transform: AmountArgument.limit)
    var maxFlowRate: Int?

    @Option(
        help: ArgumentHelp(
            "Packets a second in both directions together, or none.", valueName: "number"),
        transform: AmountArgument.limit)
    var maxPacketRate: Int?

    @Option(
        help: ArgumentHelp(
            "Bits a second in both directions together, such as 100M or 10G, or none.",
            valueName: "number"),
        transform: AmountArgument.limit)
    var maxBitRate: Int?

    @Option(
        help: ArgumentHelp(
            "The same in capacity units of 5 Gbit/s, 1 to 200000, or none.", valueName: "units"),
        transform: Self.capacityUnits)
    var capacityUnits: Int?

    mutating func validate() throws {
        guard maxBitRate == nil || capacityUnits == nil else {
            throw ValidationError("--max-bit-rate and --capacity-units say the same; give one")
        }
    }

    private static func capacityUnits(_ text: String) throws -> Int {
        if text == "none" { return 0 }
        return try NumberArgument.number(text, in: 1...200_000, called: "a number of units")
    }

    /// What was given; nil if nothing was.
    var quota: API.QuotaSettings? {
        let given = API.QuotaSettings(
            flows: maxFlows, newFlowsPerSecond: maxFlowRate, packetsPerSecond: maxPacketRate,
            bitsPerSecond: maxBitRate ?? capacityUnits.map { $0 * API.Quota.bitsPerSecondOfUnit })
        return given == API.QuotaSettings() ? nil : given
    }
}
