// "This client has this target": what is kept of a client beside its flows, under a tuple that no
// packet has.
//
//    name               see FlowName
//    what changes       see FlowName

/// What is remembered of a client.
public struct StickyRecord: Hashable, Sendable, BitwiseCopyable {
    public var name: FlowName
    public var translated: FlowTuple

    public init(name: FlowName, translated: FlowTuple) {
        self.name = name
        self.translated = translated
    }

    var flags: FlowEntryFlags { FlowEntryFlags(name.outbound, translated: translated) }

    init(
        _ flags: FlowEntryFlags, _ bytes: RawSpan, _ offset: inout Int
    ) throws(FlowEntryError) {
        name = try FlowName(flags, bytes, &offset)
        translated = FlowTuple(translating: name.outbound, flags, bytes, &offset)
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        name.write(to: &bytes, &offset)
        translated.writeChange(flags, to: &bytes, &offset)
    }
}
