public import Tables
public import Wire

extension Translator {
    public mutating func discard(
        chain: Int, _ flowsV4: inout FlowTable<IPv4FlowLayout>,
        _ flowsV6: inout FlowTable<IPv6FlowLayout>, at now: Tick
    ) {}
}
